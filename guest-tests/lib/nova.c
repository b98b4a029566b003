/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <unistd.h>

#include "nouveau.h"
#include "nova.h"
#include "panthor.h"
#include "tap.h"

static int try_open(void)
{
    char node[64];

    return panthor_node(node, sizeof(node)) ? open(node, O_RDWR | O_CLOEXEC)
                                            : -1;
}

int nova_open(void)
{
    int fd = try_open();

    if (fd < 0) {
        tap_die("there is a nova-drm node");
    }
    return fd;
}

int nova_getparam(int fd, uint64_t param, uint64_t *value)
{
    struct drm_nova_getparam p = { .param = param };
    int ret = nv_ioctl(fd, DRM_IOCTL_NOVA_GETPARAM, &p);

    *value = p.value;
    return ret;
}

int nova_gem_create(int fd, uint64_t size, uint32_t *handle)
{
    struct drm_nova_gem_create c = { .size = size };
    int ret = nv_ioctl(fd, DRM_IOCTL_NOVA_GEM_CREATE, &c);

    *handle = c.handle;
    return ret;
}

int nova_gem_size(int fd, uint32_t handle, uint64_t *size)
{
    struct drm_nova_gem_info i = { .handle = handle };
    int ret = nv_ioctl(fd, DRM_IOCTL_NOVA_GEM_INFO, &i);

    *size = i.size;
    return ret;
}

int nova_gem_close(int fd, uint32_t handle)
{
    struct drm_gem_close c = { .handle = handle };

    return nv_ioctl(fd, DRM_IOCTL_GEM_CLOSE, &c);
}

bool nova_answers(void)
{
    uint64_t bytes = 0;
    int fd = try_open();
    bool ok = fd >= 0 &&
              !nova_getparam(fd, NOVA_GETPARAM_VRAM_BAR_SIZE, &bytes) &&
              bytes;

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}
