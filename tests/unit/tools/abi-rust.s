/* SPDX-License-Identifier: GPL-2.0-or-later */
/* abi.rs as rustc 1.95 compiles it; see there. */
	.file	"abi.40b35979fde21bd2-cgu.0"
	.file	1 "abi.rs"
	.type	BLOCK,@object
	.section	.rodata.BLOCK,"a",@progbits
	.globl	BLOCK
	.p2align	3, 0x0
BLOCK:
	.zero	7
	.zero	1
	.zero	12
	.zero	4
	.asciz	"\000\000\000\000\000\000\000\000\003\000\000"
	.zero	4
	.zero	8
	.zero	16
	.size	BLOCK, 64

	.type	KIND,@object
	.section	.rodata.KIND,"a",@progbits
	.globl	KIND
	.p2align	1, 0x0
KIND:
	.asciz	"\001"
	.size	KIND, 2

	.type	OTHER,@object
	.section	.rodata.OTHER,"a",@progbits
	.globl	OTHER
	.p2align	3, 0x0
OTHER:
	.zero	32
	.size	OTHER, 32

	.section	.debug_abbrev,"",@progbits
	.byte	1
	.byte	17
	.byte	1
	.byte	37
	.byte	14
	.byte	19
	.byte	5
	.byte	3
	.byte	14
	.byte	16
	.byte	23
	.byte	27
	.byte	14
	.byte	0
	.byte	0
	.byte	2
	.byte	57
	.byte	1
	.byte	3
	.byte	14
	.byte	0
	.byte	0
	.byte	3
	.byte	52
	.byte	0
	.byte	3
	.byte	14
	.byte	73
	.byte	19
	.byte	63
	.byte	25
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	2
	.byte	24
	.byte	0
	.byte	0
	.byte	4
	.byte	19
	.byte	1
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.byte	50
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	0
	.byte	0
	.byte	5
	.byte	13
	.byte	0
	.byte	3
	.byte	14
	.byte	73
	.byte	19
	.ascii	"\210\001"
	.byte	15
	.byte	56
	.byte	11
	.byte	50
	.byte	11
	.byte	0
	.byte	0
	.byte	6
	.byte	51
	.byte	1
	.byte	21
	.byte	19
	.byte	0
	.byte	0
	.byte	7
	.byte	13
	.byte	0
	.byte	73
	.byte	19
	.ascii	"\210\001"
	.byte	15
	.byte	56
	.byte	11
	.byte	52
	.byte	25
	.byte	0
	.byte	0
	.byte	8
	.byte	25
	.byte	1
	.byte	22
	.byte	11
	.byte	0
	.byte	0
	.byte	9
	.byte	13
	.byte	0
	.byte	3
	.byte	14
	.byte	73
	.byte	19
	.ascii	"\210\001"
	.byte	15
	.byte	56
	.byte	11
	.byte	0
	.byte	0
	.byte	10
	.byte	4
	.byte	1
	.byte	73
	.byte	19
	.byte	109
	.byte	25
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.ascii	"\210\001"
	.byte	15
	.byte	0
	.byte	0
	.byte	11
	.byte	40
	.byte	0
	.byte	3
	.byte	14
	.byte	28
	.byte	15
	.byte	0
	.byte	0
	.byte	12
	.byte	36
	.byte	0
	.byte	3
	.byte	14
	.byte	62
	.byte	11
	.byte	11
	.byte	11
	.byte	0
	.byte	0
	.byte	13
	.byte	1
	.byte	1
	.byte	73
	.byte	19
	.byte	0
	.byte	0
	.byte	14
	.byte	33
	.byte	0
	.byte	73
	.byte	19
	.byte	34
	.byte	13
	.byte	55
	.byte	11
	.byte	0
	.byte	0
	.byte	15
	.byte	36
	.byte	0
	.byte	3
	.byte	14
	.byte	11
	.byte	11
	.byte	62
	.byte	11
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_info,"",@progbits
.Lcu_begin0:
	.long	.Ldebug_info_end0-.Ldebug_info_start0
.Ldebug_info_start0:
	.short	4
	.long	.debug_abbrev
	.byte	8
	.byte	1
	.long	.Linfo_string0
	.short	28
	.long	.Linfo_string1
	.long	.Lline_table_start0
	.long	.Linfo_string2
	.byte	2
	.long	.Linfo_string3
	.byte	3
	.long	.Linfo_string4
	.long	62

	.byte	1
	.byte	38
	.byte	8
	.byte	9
	.byte	3
	.quad	BLOCK
	.byte	2
	.long	.Linfo_string5
	.byte	4
	.long	.Linfo_string25
	.byte	64
	.byte	1
	.byte	8
	.byte	5
	.long	.Linfo_string6
	.long	95
	.byte	8
	.byte	0
	.byte	1
	.byte	5
	.long	.Linfo_string18
	.long	164
	.byte	8
	.byte	32
	.byte	1
	.byte	0
	.byte	4
	.long	.Linfo_string17
	.byte	32
	.byte	1
	.byte	8
	.byte	5
	.long	.Linfo_string7
	.long	385
	.byte	4
	.byte	0
	.byte	1
	.byte	5
	.long	.Linfo_string9
	.long	392
	.byte	2
	.byte	4
	.byte	1
	.byte	5
	.long	.Linfo_string11
	.long	399
	.byte	1
	.byte	6
	.byte	1
	.byte	5
	.long	.Linfo_string13
	.long	406
	.byte	2
	.byte	8
	.byte	1
	.byte	5
	.long	.Linfo_string15
	.long	439
	.byte	8
	.byte	24
	.byte	1
	.byte	0
	.byte	4
	.long	.Linfo_string24
	.byte	32
	.byte	1
	.byte	8
	.byte	6
	.long	177
	.byte	7
	.long	385
	.byte	4
	.byte	0

	.byte	8
	.byte	3
	.byte	9
	.long	.Linfo_string19
	.long	213
	.byte	8
	.byte	0
	.byte	0
	.byte	8
	.byte	7
	.byte	9
	.long	.Linfo_string21
	.long	234
	.byte	8
	.byte	0
	.byte	0
	.byte	0
	.byte	4
	.long	.Linfo_string19
	.byte	32
	.byte	1
	.byte	8
	.byte	5
	.long	.Linfo_string20
	.long	439
	.byte	8
	.byte	8
	.byte	1
	.byte	0
	.byte	4
	.long	.Linfo_string21
	.byte	32
	.byte	1
	.byte	8
	.byte	5
	.long	.Linfo_string22
	.long	385
	.byte	4
	.byte	8
	.byte	1
	.byte	5
	.long	.Linfo_string23
	.long	446
	.byte	1
	.byte	12
	.byte	1
	.byte	0
	.byte	0
	.byte	10
	.long	392

	.long	.Linfo_string30
	.byte	2
	.byte	2
	.byte	11
	.long	.Linfo_string27
	.byte	0
	.byte	11
	.long	.Linfo_string28
	.byte	1
	.byte	11
	.long	.Linfo_string29
	.ascii	"\201\200\002"
	.byte	0
	.byte	2
	.long	.Linfo_string32
	.byte	4
	.long	.Linfo_string17
	.byte	32
	.byte	1
	.byte	8
	.byte	5
	.long	.Linfo_string33
	.long	439
	.byte	8
	.byte	0
	.byte	1
	.byte	5
	.long	.Linfo_string34
	.long	459
	.byte	1
	.byte	8
	.byte	1
	.byte	0
	.byte	0
	.byte	0
	.byte	3
	.long	.Linfo_string26
	.long	268

	.byte	1
	.byte	45
	.byte	2
	.byte	9
	.byte	3
	.quad	KIND
	.byte	3
	.long	.Linfo_string31
	.long	305

	.byte	1
	.byte	43
	.byte	8
	.byte	9
	.byte	3
	.quad	OTHER
	.byte	0
	.byte	12
	.long	.Linfo_string8
	.byte	7
	.byte	4
	.byte	12
	.long	.Linfo_string10
	.byte	7
	.byte	2
	.byte	12
	.long	.Linfo_string12
	.byte	7
	.byte	1
	.byte	13
	.long	419
	.byte	14
	.long	432
	.byte	0
	.byte	2
	.byte	0
	.byte	13
	.long	392
	.byte	14
	.long	432
	.byte	0
	.byte	3
	.byte	0
	.byte	15
	.long	.Linfo_string14
	.byte	8
	.byte	7
	.byte	12
	.long	.Linfo_string16
	.byte	7
	.byte	8
	.byte	13
	.long	399
	.byte	14
	.long	432
	.byte	0
	.byte	16
	.byte	0
	.byte	13
	.long	399
	.byte	14
	.long	432
	.byte	0
	.byte	24
	.byte	0
	.byte	0
.Ldebug_info_end0:
	.section	.rodata.BLOCK,"a",@progbits
.Lsec_end0:
	.section	.rodata.KIND,"a",@progbits
.Lsec_end1:
	.section	.rodata.OTHER,"a",@progbits
.Lsec_end2:
	.section	.debug_aranges,"",@progbits
	.long	76
	.short	2
	.long	.Lcu_begin0
	.byte	8
	.byte	0
	.zero	4,255
	.quad	BLOCK
	.quad	.Lsec_end0-BLOCK
	.quad	KIND
	.quad	.Lsec_end1-KIND
	.quad	OTHER
	.quad	.Lsec_end2-OTHER
	.quad	0
	.quad	0
	.section	.debug_str,"MS",@progbits,1
.Linfo_string0:
	.asciz	"clang LLVM (rustc version 1.95.0 (59807616e 2026-04-14))"
.Linfo_string1:
	.asciz	"abi.rs/@/abi.40b35979fde21bd2-cgu.0"
.Linfo_string2:
	.asciz	"."
.Linfo_string3:
	.asciz	"abi"
.Linfo_string4:
	.asciz	"BLOCK"
.Linfo_string5:
	.asciz	"fw"
.Linfo_string6:
	.asciz	"header"
.Linfo_string7:
	.asciz	"magic"
.Linfo_string8:
	.asciz	"u32"
.Linfo_string9:
	.asciz	"version"
.Linfo_string10:
	.asciz	"u16"
.Linfo_string11:
	.asciz	"flags"
.Linfo_string12:
	.asciz	"u8"
.Linfo_string13:
	.asciz	"tables"
.Linfo_string14:
	.asciz	"__ARRAY_SIZE_TYPE__"
.Linfo_string15:
	.asciz	"next"
.Linfo_string16:
	.asciz	"u64"
.Linfo_string17:
	.asciz	"Header"
.Linfo_string18:
	.asciz	"message"
.Linfo_string19:
	.asciz	"Ping"
.Linfo_string20:
	.asciz	"__0"
.Linfo_string21:
	.asciz	"Log"
.Linfo_string22:
	.asciz	"level"
.Linfo_string23:
	.asciz	"text"
.Linfo_string24:
	.asciz	"Message"
.Linfo_string25:
	.asciz	"Block"
.Linfo_string26:
	.asciz	"KIND"
.Linfo_string27:
	.asciz	"Off"
.Linfo_string28:
	.asciz	"On"
.Linfo_string29:
	.asciz	"Odd"
.Linfo_string30:
	.asciz	"Kind"
.Linfo_string31:
	.asciz	"OTHER"
.Linfo_string32:
	.asciz	"other"
.Linfo_string33:
	.asciz	"size"
.Linfo_string34:
	.asciz	"name"
	.section	".note.GNU-stack","",@progbits
	.section	.debug_line,"",@progbits
.Lline_table_start0:
