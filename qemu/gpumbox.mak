# SPDX-License-Identifier: GPL-2.0-or-later
# The machine and the devices that gpumbox needs for arm64, and nothing else.
CONFIG_ARM_VIRT=y
CONFIG_GPUMBOX_CTL_SYSBUS=y
CONFIG_MALI_CSF=y
CONFIG_PCIE_PORT=y
CONFIG_NVIDIA_GSP=y
# What vng gives its guests: their root, and lines for a script's input and
# output.
CONFIG_VIRTIO_9P=y
CONFIG_VIRTIO_SERIAL=y
