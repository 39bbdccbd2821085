// The router's weights, compiled in, so that an installed program is one file.
#ifndef C_SARAI_ROUTER_H
#define C_SARAI_ROUTER_H

#include <stddef.h>

/// A safetensors file that is part of the program.
typedef struct {
    /// Its first byte; valid as long as the program runs.
    const unsigned char *_Nonnull bytes;
    /// Bytes that it has.
    size_t count;
} SaraiWeights;

/// The head that did best in training.
SaraiWeights sarai_router_weights(void);

/// The recursive head.
SaraiWeights sarai_trm_weights(void);

/// The router of texts that are still being written.
SaraiWeights sarai_mini_weights(void);

#endif
