/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nouveau.h"
#include "panthor.h"
#include "tap.h"
#include "util.h"

#define BAR0_SIZE (16 * MiB)
#define PCI_DEVICES "/sys/bus/pci/devices"

int nv_ioctl(int fd, unsigned long request, void *arg)
{
    int ret;

    do {
        ret = ioctl(fd, request, arg);
    } while (ret < 0 && (errno == EINTR || errno == EAGAIN));
    return ret < 0 ? -errno : 0;
}

int nv_open(void)
{
    char node[64];
    int fd = panthor_node(node, sizeof(node)) ? open(node, O_RDWR | O_CLOEXEC)
                                              : -1;

    if (fd < 0) {
        tap_die("there is a nouveau render node");
    }
    return fd;
}

int nv_getparam(int fd, uint64_t param, uint64_t *value)
{
    struct drm_nouveau_getparam p = { .param = param };
    int ret = nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GETPARAM, &p);

    *value = p.value;
    return ret;
}

int nv_bo_new(int fd, uint32_t domain, uint64_t size, NvBo *bo)
{
    struct drm_nouveau_gem_new req = {
        .info = { .domain = domain, .size = size },
    };
    int ret = nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_NEW, &req);

    *bo = (NvBo) {
        .handle = req.info.handle,
        .domain = req.info.domain,
        .size = req.info.size,
        .offset = req.info.offset,
        .map_handle = req.info.map_handle,
    };
    return ret;
}

void nv_bo_map(int fd, NvBo *bo)
{
    bo->map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                   bo->map_handle);
    if (bo->map == MAP_FAILED) {
        tap_die("a buffer is mapped: %s", strerror(errno));
    }
}

void nv_bo_free(int fd, NvBo *bo)
{
    struct drm_gem_close req = { .handle = bo->handle };

    if (bo->map) {
        munmap(bo->map, bo->size);
    }
    nv_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &req);
}

void nv_function(char *name, unsigned size)
{
    if (!pci_find("0x10de", NULL, name, size)) {
        tap_die("there is a PCI function of NVIDIA's");
    }
}

int nv_reset(const char *name)
{
    char path[192];

    kmsg_expect("%s: reset", name);
    snprintf(path, sizeof(path), PCI_DEVICES "/%s/reset", name);
    return write_text(path, "1");
}

volatile uint32_t *nv_registers(const char *name)
{
    void *map = pci_map(name, BAR0_SIZE);

    if (map == MAP_FAILED) {
        tap_die("the registers of %s are mapped: %s", name, strerror(errno));
    }
    return map;
}
