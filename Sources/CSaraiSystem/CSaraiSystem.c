#define _GNU_SOURCE
#include "CSaraiSystem.h"

#include <errno.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

// The number is the same on every architecture. Older C libraries do not name it.
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

int sarai_cached_pages(int descriptor, uint64_t *pages) {
    // A length of 0 means the rest of the file.
    struct { uint64_t offset, length; } range = {0, 0};
    struct { uint64_t cached, dirty, writeback, evicted, recently_evicted; } result = {0};
    if (syscall(SYS_cachestat, descriptor, &range, &result, 0) != 0) {
        return errno;
    }
    *pages = result.cached;
    return 0;
}
#else
int sarai_cached_pages(int descriptor, uint64_t *pages) {
    (void)descriptor;
    (void)pages;
    return ENOSYS;
}
#endif
