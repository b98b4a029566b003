// SPDX-License-Identifier: GPL-2.0-or-later
//! What Rust says about its structs: abi-rust.s is this, as rustc compiles it
//! with "-g --emit asm -C panic=abort --remap-path-prefix", for machines
//! without rustc.
#![crate_type = "lib"]
#![no_std]
#![allow(dead_code)]
pub mod fw {
    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct Header {
        pub magic: u32,
        pub version: u16,
        pub flags: u8,
        pub tables: [[u16; 3]; 2],
        pub next: u64,
    }
    #[repr(C, u32)]
    #[derive(Clone, Copy)]
    pub enum Message {
        Ping(u64) = 3,
        Log { level: u32, text: [u8; 16] } = 7,
    }
    #[repr(C)]
    pub struct Block {
        pub header: Header,
        pub message: Message,
    }
    #[repr(u16)]
    #[derive(Clone, Copy)]
    pub enum Kind { Off = 0, On = 1, Odd = 0x8001 }
    pub mod other {
        #[repr(C)]
        pub struct Header { pub size: u64, pub name: [u8; 24] }
    }
}
#[no_mangle]
pub static BLOCK: fw::Block = fw::Block {
    header: fw::Header { magic: 0, version: 0, flags: 0, tables: [[0; 3]; 2], next: 0 },
    message: fw::Message::Ping(0),
};
#[no_mangle]
pub static OTHER: fw::other::Header = fw::other::Header { size: 0, name: [0; 24] };
#[no_mangle]
pub static KIND: fw::Kind = fw::Kind::On;
