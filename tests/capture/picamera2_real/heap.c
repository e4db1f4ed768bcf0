/* For LD_PRELOAD, tests only: memory for pictures where the kernel has no dma-buf heap. libcamera's heap device is stood in
 * for by a memfd; allocating from it gives another memfd, and the synchronising ioctls of dma-bufs do nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char device[] = "/dev/dma_heap/linux,cma";
static int heap = -1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_heap(void) { heap = memfd_create("heap", MFD_CLOEXEC); }

static int open_heap(void)
{
    pthread_once(&once, make_heap);
    return fcntl(heap, F_DUPFD_CLOEXEC, 3);
}

static int is_memory(int fd, struct stat *about) { return fstat(fd, about) == 0 && S_ISREG(about->st_mode); }

static int is_heap(int fd)
{
    struct stat one, other;
    return heap >= 0 && is_memory(fd, &one) && is_memory(heap, &other) && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

static mode_t mode_of(int flags, va_list more) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; }

#define OPEN(name)                                                              \
    int name(const char *path, int flags, ...)                                  \
    {                                                                           \
        va_list more;                                                           \
        va_start(more, flags);                                                  \
        mode_t mode = mode_of(flags, more);                                     \
        va_end(more);                                                           \
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name);          \
        return strcmp(path, device) ? real(path, flags, mode) : open_heap();    \
    }

#define OPENAT(name)                                                                  \
    int name(int folder, const char *path, int flags, ...)                            \
    {                                                                                 \
        va_list more;                                                                 \
        va_start(more, flags);                                                        \
        mode_t mode = mode_of(flags, more);                                           \
        va_end(more);                                                                 \
        int (*real)(int, const char *, int, ...) = dlsym(RTLD_NEXT, #name);           \
        return strcmp(path, device) ? real(folder, path, flags, mode) : open_heap();  \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void *given = va_arg(more, void *);
    va_end(more);
    struct stat about;
    if (request == DMA_HEAP_IOCTL_ALLOC && is_heap(fd)) {
        struct dma_heap_allocation_data *wanted = given;
        int made = memfd_create("picture", MFD_CLOEXEC);
        if (made < 0 || ftruncate(made, (wanted->len + 4095) / 4096 * 4096) < 0)
            return -1;
        wanted->fd = made;
        return 0;
    }
    if (_IOC_TYPE(request) == DMA_BUF_BASE && is_memory(fd, &about))
        return 0;
    int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, given);
}
