// labels: fuzz check
/* The reader of packed datasets, behind seal and HDF5: an edited file is refused with a
 * message, or is a dataset with which everything can be done. An input is a script of edits
 * (tests/fuzz/edit.h) to the file made here. */
#include "datasets/catalogue.h"
#include "datasets/history.h"
#include "datasets/import.h"
#include "datasets/split.h"
#include "datasets/storage.h"
#include "datasets/storage_internal.h"
#include "tests/fuzz/edit.h"

static const struct {
  const char *name, *text;
} TABLES[] = {
    {"people",
     "person_id,role_id,unit_id,manager_id,hired_on,hours_per_week,x_age,c_site\n"
     "p,r,u,q,2014-01-31,4,30,a\nq,s,u,,2012-02-01,,41.5,b\nt,,,,,2.5,,\n"},
    {"positions", "person_id,from,to,role_id\np,2014-01-31,2014-06-30,s\np,2014-07-01,,r\n"},
    {"roles", "role_id,title,criticality,vacancies\nr,Smith,0.5,2\ns,Baker,,\n"},
    {"competencies", "competency_id,name,parent_id\nc,Fire,\nd,Flour,c\n"},
    {"relations", "from_competency_id,to_competency_id,relation,weight\nc,d,precedes,1\n"},
    {"requirements",
     "role_id,competency_id,level,importance,compliance\nr,c,3,1,1\ns,d,2,,0\n"},
    {"sources", "source,scale_min,scale_max,anchor\ntest,0,10,1\nself,0,5,0\n"},
    {"assessments",
     "person_id,competency_id,level,source,assessed_on\np,c,7,test,2014-03-01\n"
     "p,c,2,self,2014-02-01\nq,d,3,,2013-01-01\n"},
    {"interventions",
     "intervention_id,title,kind,hours,weeks,cost,seats,opens_on,closes_on,"
     "recurs_months\ni,Forging,course,8,4,100,10,2014-01-01,2014-12-31,6\n"
     "j,Baking,workshop,,,,,,,\n"},
    {"targets", "intervention_id,competency_id,from_level,to_level\ni,c,1,3\nj,d,,2\nj,c,,\n"},
    {"prerequisites", "intervention_id,requires_intervention_id\nj,i\n"},
    {"enrolments",
     "person_id,intervention_id,started_on,ended_on,status,score,x_load\n"
     "p,i,2014-02-01,2014-03-01,passed,70,1\nq,i,2014-02-01,,in_progress,,2\n"
     "t,j,2014-08-01,2014-09-01,failed,12,\n"},
    {"episodes",
     "person_id,intervention_id,competency_id,started_on,duration_days,event\n"
     "p,i,c,2014-02-01,28,proficient\nt,j,d,2014-08-01,31,dropped\n"},
    {"feedback",
     "event_id,person_id,intervention_id,at,kind,position\n"
     "1,p,i,2014-01-31T08:00:00Z,shown,1\n2,p,i,2014-01-31T08:01:00Z,accepted,1\n"},
    {"demand", "month,role_id,index\n2014-01,r,1\n2014-02,r,1.25\n"},
};

static void write_tables(const char *folder) {
  (void)mkdir(folder, 0700);
  for (size_t i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++) {
    char path[100];
    (void)snprintf(path, sizeof path, "%s/%s.csv", folder, TABLES[i].name);
    FILE *file = fopen(path, "wbe");
    HOLDS(file && fputs(TABLES[i].text, file) >= 0 && fclose(file) == 0);
  }
}

/* Everything a dataset has, in a few rows. */
static const edit_image *intact(void) {
  static edit_image image;
  if (image.n > 0) return &image;
  const char *const sources[] = {"fuzz-dataset"};
  pfc_import_settings s;
  pfc_dataset *ds = NULL;
  pfc_error err = PFC_ERROR_INIT;
  write_tables(sources[0]);
  pfc_import_defaults(&s);
  if (pfc_import(sources, 1, &s, &ds, &err) != PFC_OK) (void)fprintf(stderr, "%s\n", err.msg);
  HOLDS(ds);
  ds->split.kind = PFC_SPLIT_AT;
  HOLDS(pfc_date_from_ymd(2014, 7, 1, &ds->split.date));
  HOLDS(pfc_dataset_save(ds, "fuzz-dataset.h5", &err) == PFC_OK);
  pfc_dataset_destroy(ds);
  edit_take(&image, "fuzz-dataset.h5");
  return &image;
}

/* What commands do first with a dataset. */
static void use(const pfc_dataset *ds) {
  pfc_catalogue *catalogue = NULL;
  pfc_history *history = NULL;
  pfc_dataset *view = NULL;
  pfc_error err = PFC_ERROR_INIT;
  HOLDS(pfc__dataset_check(ds, PFC_EUSAGE, &err) == PFC_OK);
  HOLDS(pfc_catalogue_create(ds, &catalogue, &err) == PFC_OK);
  HOLDS(pfc_history_create(ds, &history, &err) == PFC_OK);
  (void)!pfc_split_training_view(ds, &view, NULL);
  pfc_dataset_destroy(view);
  pfc_history_destroy(history);
  pfc_catalogue_destroy(catalogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pfc_error err = PFC_ERROR_INIT;
  hid_t file = edit_open(intact(), data, size);
  pfc_dataset *ds = pfc_dataset_create();
  const pfc_status st = pfc__dataset_read(file, ds, &err);
  holds_error(st, &err);
  HOLDS(st == PFC_OK || (st == PFC_EFORMAT && size > 0));
  if (st == PFC_OK) use(ds);
  pfc_dataset_destroy(ds);
  HOLDS(H5Fget_obj_count(file, H5F_OBJ_ALL) == 1);
  HOLDS(H5Fclose(file) >= 0);
  return 0;
}
