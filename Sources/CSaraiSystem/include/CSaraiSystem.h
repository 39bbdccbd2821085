// System calls of Linux that Swift cannot call by itself, because the C library has no function for them.
#ifndef C_SARAI_SYSTEM_H
#define C_SARAI_SYSTEM_H

#include <stdint.h>

/// Counts the pages of a file that are in the page cache: cachestat(2), Linux 6.5.
///
/// - Parameters:
///   - descriptor: an open file.
///   - pages: set to the number of cached pages.
/// - Returns: 0, or an errno; ENOSYS where there is no such call.
int sarai_cached_pages(int descriptor, uint64_t *pages);

#endif
