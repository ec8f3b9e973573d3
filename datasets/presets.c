#include "datasets/import_internal.h"

const pfc__preset pfc__presets[] = {
    {NULL, NULL},
};
