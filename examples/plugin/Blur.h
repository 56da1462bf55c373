//===- Blur.h - An op that lives outside of hybridc -----------------------===//
#ifndef EXAMPLE_BLUR_H
#define EXAMPLE_BLUR_H

#include "hybridc/Dialect/Hyb/IR/Hyb.h"

#include "BlurDialect.h.inc"
#define GET_OP_CLASSES
#include "BlurOps.h.inc"

namespace example {
void registerFindBlur();
void registerEngineSummary();
void registerRules();
} // namespace example

#endif // EXAMPLE_BLUR_H
