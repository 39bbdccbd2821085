// The web page's files, compiled in, so that an installed program is one file.
#ifndef C_SARAI_WEB_H
#define C_SARAI_WEB_H

#include <stddef.h>

/// A file of the web page that is part of the program.
typedef struct {
    /// What it is called in the folder `Page`.
    const char *_Nonnull name;
    /// Its first byte; valid as long as the program runs.
    const unsigned char *_Nonnull bytes;
    /// Bytes that it has.
    size_t count;
} SaraiWebFile;

/// The number of files.
size_t sarai_web_file_count(void);

/// A file; `index` is below the number of files.
SaraiWebFile sarai_web_file(size_t index);

#endif
