# SPDX-License-Identifier: GPL-2.0-or-later
# The machine and the devices that gpumbox needs for x86-64, and nothing else.
CONFIG_Q35=y
CONFIG_GPUMBOX_CTL_PCI=y
CONFIG_PCIE_PORT=y
CONFIG_NVIDIA_GSP=y
