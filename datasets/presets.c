#include "datasets/preset_internal.h"

const pfc__preset pfc__presets[] = {
    {"oulad", pfc__preset_oulad},
    {"onet", pfc__preset_onet},
    {"esco", pfc__preset_esco},
    {NULL, NULL},
};
