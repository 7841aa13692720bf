#include "fuzz_model.h"

FUZZ_MODEL(MODEL_TM_LIBRARY)
