#include "fuzz_model.h"

FUZZ_MODEL(MODEL_OTM)
