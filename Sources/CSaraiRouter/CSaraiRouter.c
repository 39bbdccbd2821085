#include "CSaraiRouter.h"

// #embed is C23, and an extension of clang before it. The compiler lists the files as dependencies: a changed one is
// built in again.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char router[] = {
#embed "Weights/router.safetensors"
};

static const unsigned char trm[] = {
#embed "Weights/trm.safetensors"
};

static const unsigned char mini[] = {
#embed "Weights/mini.safetensors"
};

SaraiWeights sarai_router_weights(void) {
    return (SaraiWeights){router, sizeof router};
}

SaraiWeights sarai_trm_weights(void) {
    return (SaraiWeights){trm, sizeof trm};
}

SaraiWeights sarai_mini_weights(void) {
    return (SaraiWeights){mini, sizeof mini};
}
