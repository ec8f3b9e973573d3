#include "cli/framework.h"

#include <unistd.h>

#include "datasets/import.h"

const char *framework_folder(const char *folder) {
  if (folder) return folder;
  return access(FRAMEWORK_SAMPLE, F_OK) == 0 ? FRAMEWORK_SAMPLE : PFC_FRAMEWORK;
}

pfc_status framework_load(common *c, const char *folder, pfc_dataset **frame, pfc_error *err) {
  const char *from = framework_folder(folder);
  pfc_import_settings s;
  if (!folder && access(from, F_OK) != 0) {
    return pfc_fail(err, PFC_EUSAGE,
                    "there is no framework in '" FRAMEWORK_SAMPLE "' nor in '" PFC_FRAMEWORK
                    "': name the folder of O*NET tables with --framework");
  }
  pfc_import_defaults(&s);
  s.preset = "onet";
  s.progress = progress_of(&c->progress);
  return pfc_import(&from, 1, &s, frame, err);
}
