#pragma once
#include "nn/NNDialect.h"
#define GET_OP_CLASSES
#include "LinalgPrelu.h.inc"
