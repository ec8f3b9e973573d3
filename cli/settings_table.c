#include "cli/settings.h"

#include <math.h>
#include <string.h>

#include "datasets/feedback_store.h"

#define AT(field) offsetof(settings, field)
#define DATA_MAX 9007199254740992.0 /* 2^53: the largest whole number JSON carries */

static const setting TABLE[] = {
    {"import.preset", "preset", SETTING_NAME, 0, 0, NULL, "",
     "layout of the source files (oulad, onet, esco); empty: the canonical tables", AT(preset),
     0},
    {"import.map", "map", SETTING_NAME, 0, 0, NULL, "",
     "mapping file, which says what in the source files is what; empty: none", AT(map), 0},
    {"import.encoding", "encoding", SETTING_NAME, 0, 0, NULL, "",
     "encoding of the source files, as iconv names it (windows-1252); empty: UTF-8",
     AT(encoding), 0},
    {"import.scale", "scale", SETTING_PAIR, -1e6, 1e6, NULL, "",
     "least and greatest level of the framework; unset: the preset's", AT(scale), 0},
    {"import.max_bad", "max-bad", SETTING_LIMIT, 0, DATA_MAX, NULL, "rows",
     "rejected rows that each table may have, or their share; unset: 1% of its rows, but none "
     "for keys and references",
     AT(import.max_bad), AT(import.max_bad_share)},

    {"check.drop_share", "drop-share", SETTING_REAL, 0.01, 1, NULL, "of the scale",
     "a level that falls by more than this share wants an explanation", AT(quality.drop_share),
     0},
    {"check.events_per_variable", "events-per-variable", SETTING_REAL, 0, 1000, NULL, "events",
     "with fewer events a variable, `check` warns", AT(readiness.events_per_variable), 0},
    {"drift.before_days", "before-days", SETTING_I32, 7, 3650, NULL, "days",
     "the newest rows are held against so many days before them", AT(drift.before_days), 0},
    {"drift.alpha", "alpha", SETTING_REAL, 0.001, 0.5, NULL, "",
     "chance of an alarm without drift, all figures together, and of a CUSUM in a year",
     AT(drift.alpha), 0},
    {"drift.resamples", NULL, SETTING_I32, 100, 1000000, NULL, "",
     "resamples of people, of which distributions without drift are made", AT(drift.resamples),
     0},

    {"train.seed", NULL, SETTING_U64, 0, DATA_MAX, NULL, "",
     "seed of everything random in training (--seed)", AT(train.seed), 0},
    {"train.holdout", "holdout", SETTING_REAL, 0.01, 0.9, NULL, "",
     "share of the latest starts on which ridges are chosen and affinity is calibrated",
     AT(train.holdout), 0},
    {"train.profile.rank", "profile-rank", SETTING_I32, -1, PFC_PROFILE_MOST_RANK, NULL, "",
     "factors of levels; -1: as many as predict held-out cells best, of 0, 1, 2, 4, 8, 16",
     AT(train.profile.rank), 0},
    {"train.profile.newcomer_days", "newcomer-days", SETTING_REAL, 1, 36500, NULL, "days",
     "time in which what newcomers lack falls to 37%", AT(train.profile.newcomer_days), 0},
    {"train.profile.teaching_days", "teaching-days", SETTING_REAL, 0, 3650, NULL, "days",
     "a lesson arrives after the root of this times its duration, on average; 0 learned",
     AT(train.profile.teaching_days), 0},
    {"train.profile.half_life_days", "level-half-life", SETTING_REAL, 1, 36500, NULL, "days",
     "half-life of what is known of a level, of competencies that tell none",
     AT(train.profile.half_life_days), 0},
    {"train.profile.holdout", "profile-holdout", SETTING_REAL, 0.01, 0.5, NULL, "",
     "share of cells on which the number of factors is chosen", AT(train.profile.holdout), 0},
    {"train.profile.sample_people", "sample-people", SETTING_I32, 1, 1e9, NULL, "people",
     "so many at most choose the number of factors, and begin the fit",
     AT(train.profile.sample_people), 0},
    {"train.profile.max_sweeps", "profile-sweeps", SETTING_I32, 1, 10000, NULL, "",
     "sweeps after which the fit stops in any case", AT(train.profile.max_sweeps), 0},
    {"train.profile.tolerance", "profile-tolerance", SETTING_REAL, 0, 0.99, NULL, "",
     "relative change of the bound at which the fit stops", AT(train.profile.tolerance), 0},
    {"train.profile.min_ratings", "min-ratings", SETTING_I32, 2, 1e9, NULL, "ratings",
     "with fewer there is no profile", AT(train.profile.min_ratings), 0},
    {"train.affinity.rank", "rank", SETTING_I32, 1, 512, NULL, "", "latent dimensions",
     AT(train.als.rank), 0},
    {"train.affinity.alpha0", "alpha0", SETTING_REAL, 1e-9, 1e6, NULL, "",
     "weight of every pair of person and intervention", AT(train.als.alpha0), 0},
    {"train.affinity.lambda", "lambda", SETTING_REAL, 1e-9, 1e6, NULL, "",
     "ridge of the factors", AT(train.als.lambda), 0},
    {"train.affinity.nu", "nu", SETTING_REAL, 0, 1, NULL, "",
     "exponent by which the ridge grows with frequency", AT(train.als.nu), 0},
    {"train.affinity.kappa_people", "kappa-people", SETTING_REAL, 0, 1e6, NULL, "",
     "pull of people's factors towards what attributes predict", AT(train.als.kappa_people), 0},
    {"train.affinity.kappa_items", "kappa-items", SETTING_REAL, 0, 1e6, NULL, "",
     "pull of items' factors towards what attributes predict", AT(train.als.kappa_items), 0},
    {"train.affinity.prior_ridge", "prior-ridge", SETTING_REAL, 1e-9, 1e9, NULL, "",
     "ridge of the regression on attributes", AT(train.als.prior_ridge), 0},
    {"train.affinity.max_sweeps", "max-sweeps", SETTING_I32, 1, 10000, NULL, "",
     "sweeps after which the fit stops in any case", AT(train.als.max_sweeps), 0},
    {"train.affinity.update_sweeps", NULL, SETTING_I32, 1, 10000, NULL, "",
     "most sweeps of an update, which begins where the last fit ended",
     AT(train.als.update_sweeps), 0},
    {"train.affinity.tolerance", "tolerance", SETTING_REAL, 0, 0.99, NULL, "",
     "relative change of the objective at which the fit stops", AT(train.als.tolerance), 0},
    {"train.affinity.weights.registered", "weight-registered", SETTING_REAL, 0, 1e6, NULL, "",
     "confidence of an enrolment that was not started", AT(train.weights.registered), 0},
    {"train.affinity.weights.started", "weight-started", SETTING_REAL, 0, 1e6, NULL, "",
     "confidence of one that was started", AT(train.weights.started), 0},
    {"train.affinity.weights.passed", "weight-passed", SETTING_REAL, 0, 1e6, NULL, "",
     "confidence of one that was passed", AT(train.weights.passed), 0},
    {"train.affinity.weights.half_life_days", "half-life-days", SETTING_REAL, 0, 1e6, NULL,
     "days", "age at which a confidence has halved; 0: it does not age",
     AT(train.weights.half_life_days), 0},
    {"train.success.min_rows", "success-min-rows", SETTING_I32, 2, 1e9, NULL, "rows",
     "with fewer labelled starts there is no success model", AT(train.success_min_rows), 0},
    {"train.accept.min_rows", "accept-min-rows", SETTING_I32, 2, 1e9, NULL, "rows",
     "with fewer answers to offers acceptance is calibrated affinity",
     AT(train.accept_min_rows), 0},
    {"train.time.bins", "time-bins", SETTING_I32, 1, 40, NULL, "", "bins of the baseline",
     AT(train.time_bins), 0},
    {"train.time.min_events", "time-min-events", SETTING_I32, 1, 1e9, NULL, "events",
     "with fewer events of a cause there is no hazard for it", AT(train.time_min_events), 0},
    {"train.time.tail", "time-tail", SETTING_REAL, 0, 0.9, NULL, "",
     "the horizon lies where this share has been lost to follow-up, or, up to 180 days, where "
     "half has",
     AT(train.time_tail), 0},
    {"train.time.ridge", "time-ridge", SETTING_REAL, 1e-9, 1e9, NULL, "",
     "ridge of standardized columns", AT(train.time_ridge), 0},
    {"train.baseline.kind", "baseline", SETTING_WORD, 0, PFC_N_BASELINES - 1,
     "none|popularity|recent|manager|itemknn|ease|gap|random", "",
     "a simple way to order interventions, trained alone instead of the models",
     AT(train.baseline.kind), 0},
    {"train.baseline.shrinkage", "baseline-shrinkage", SETTING_REAL, 0, 1e6, NULL, "take-ups",
     "popularity, recent, manager: what everybody does counts for so many take-ups of a role, "
     "and what the role does for so many of a manager's people",
     AT(train.baseline.shrinkage), 0},
    {"train.baseline.half_life_days", "baseline-half-life", SETTING_REAL, 1, 1e6, NULL, "days",
     "recent: age at which a start counts half", AT(train.baseline.half_life_days), 0},
    {"train.baseline.neighbours", "neighbours", SETTING_I32, 1, 1e6, NULL, "",
     "itemknn: neighbours kept of each intervention", AT(train.baseline.neighbours), 0},
    {"train.baseline.knn_shrinkage", "knn-shrinkage", SETTING_REAL, 0, 1e6, NULL, "people",
     "itemknn: a similarity that so many people speak for counts half",
     AT(train.baseline.knn_shrinkage), 0},
    {"train.baseline.ease_lambda", "ease-lambda", SETTING_REAL, 1e-6, 1e9, NULL, "people",
     "ease: ridge of the weights", AT(train.baseline.ease_lambda), 0},

    {"evaluate.k", "k", SETTING_INTS, 1, 1e6, NULL, "", "cut-offs of the ranking figures",
     AT(evaluate.k), AT(evaluate.n_k)},
    {"evaluate.days", "days", SETTING_REALS, 1, 36500, NULL, "days",
     "days by which time to proficiency is judged", AT(evaluate.days), AT(evaluate.n_days)},
    {"evaluate.resamples", "resamples", SETTING_I32, 0, 1000000, NULL, "",
     "bootstrap samples over people; 0: no intervals", AT(evaluate.resamples), 0},
    {"evaluate.seed", NULL, SETTING_U64, 0, DATA_MAX, NULL, "",
     "seed of the bootstrap (--seed)", AT(evaluate.seed), 0},
    {"off_policy.switch_above", "switch-above", SETTING_REAL, 1e-9, 1e9, NULL, "",
     "of a log: weights above this are left to the model of reward (Switch-DR)",
     AT(off_policy.switch_above), 0},
    {"off_policy.least_ess", "least-ess", SETTING_REAL, 2, 1e9, NULL, "decisions",
     "of a log: with a smaller effective sample there is not enough evidence",
     AT(off_policy.least_ess), 0},
    {"off_policy.most_unsupported", "most-unsupported", SETTING_REAL, 0, 1, NULL, "",
     "of a log: where the policy does more that was never tried there is not enough evidence",
     AT(off_policy.most_unsupported), 0},

    {"refit.method", "method", SETTING_WORD, 0, PFC_REFIT_FULL, "auto|update|full", "",
     "how a candidate is made: from what is new alone, or all anew; auto: update, and full "
     "beside "
     "it where much is new",
     AT(refit.method), 0},
    {"refit.full_share", "full-share", SETTING_REAL, 0, 1, NULL, "",
     "auto: share of new rows from which on a full refit is tried, too", AT(refit.full_share),
     0},
    {"refit.slice_days", "slice-days", SETTING_I32, 7, 720, NULL, "days",
     "newest days, which judge and do not train", AT(refit.slice_days), 0},
    {"refit.min_new", "min-new", SETTING_I64, 1, 1e9, NULL, "rows",
     "with fewer new rows that came to a result nothing is done", AT(refit.min_new), 0},

    {"gate.alpha", "gate-alpha", SETTING_REAL, 0.001, 0.5, NULL, "",
     "chance of promoting a candidate that is no better, in one round, and of rejecting one "
     "that is no worse, in all rounds together",
     AT(gate.alpha), 0},
    {"gate.margin", "gate-margin", SETTING_REAL, 0, 0.5, NULL, "",
     "a candidate may be worse by this share of a figure before the figure holds it back",
     AT(gate.margin), 0},
    {"gate.trusted_share", "trusted-share", SETTING_REAL, 0.01, 0.5, NULL, "of people",
     "people who train no model of a registry, so that all of them can be judged on these",
     AT(gate.trusted_share), 0},
    {"gate.trusted_seed", NULL, SETTING_U64, 0, DATA_MAX, NULL, "",
     "who they are; another one lets models see those of before", AT(gate.trusted_seed), 0},
    {"gate.resamples", "gate-resamples", SETTING_I32, 100, 1000000, NULL, "",
     "bootstrap samples over people, for standard errors", AT(gate.resamples), 0},
    {"gate.seed", NULL, SETTING_U64, 0, DATA_MAX, NULL, "", "seed of the bootstrap (--seed)",
     AT(gate.seed), 0},

    {"gaps.min_group", "min-group", SETTING_I32, 1, 1000000, NULL, "people",
     "groups of fewer people are not told of, nor what would tell of them",
     AT(gap_map.min_group), 0},
    {"gaps.goal_weight", "goal-weight", SETTING_REAL, 0, 1, NULL, "",
     "what the goal role asks for beyond the role held counts by this share",
     AT(scorer.gaps.goal_weight), 0},
    {"gaps.held_share", "held-share", SETTING_REAL, 0, 1, NULL, "of the scale",
     "level that counts as holding what is required without a level",
     AT(scorer.gaps.held_share), 0},
    {"gaps.criticality_weight", "criticality-weight", SETTING_REAL, 0, 1, NULL, "",
     "factor of a role: 1 - weight * (1 - criticality)", AT(scorer.gaps.criticality_weight), 0},
    {"gaps.demand_weight", "demand-weight", SETTING_REAL, 0, 10, NULL, "",
     "exponent of the growth of demand within a year", AT(scorer.gaps.demand_weight), 0},
    {"gaps.compliance_factor", "compliance-factor", SETTING_REAL, 1, 1000, NULL, "",
     "factor of what the law or a contract requires", AT(scorer.gaps.compliance_factor), 0},
    {"gaps.vacancy_weight", "vacancy-weight", SETTING_REAL, 0, 100, NULL, "",
     "factor of a role: 1 + weight * vacancies / people who hold it",
     AT(scorer.gaps.vacancy_weight), 0},
    {"gaps.urgent_p_gap", "urgent-p-gap", SETTING_REAL, 0, 1, NULL, "",
     "gaps at least so likely may be urgent", AT(scorer.gaps.urgent_p_gap), 0},

    {"feedback.store", "feedback", SETTING_NAME, 0, 0, NULL, "",
     "feedback store whose events count besides the data; empty: none", AT(feedback_store), 0},

    {"value.discount_per_day", "discount-per-day", SETTING_REAL, 0, 0.99, NULL, "per day",
     "rate at which the value of proficiency falls with time", AT(scorer.discount_per_day), 0},
    {"value.cost_weight", "cost-weight", SETTING_REAL, 0, 1e9, NULL, "value per unit of cost",
     "what a unit of cost takes from the value", AT(scorer.cost_weight), 0},
    {"value.hour_price", "hour-price", SETTING_REAL, 0, 1e9, NULL, "value per hour",
     "what an hour of the person's time takes from the value", AT(scorer.hour_price), 0},

    {"rules.prerequisite_p", "prerequisite-p", SETTING_REAL, 0, 1, NULL, "",
     "a level that is asked for before counts as held from this probability on",
     AT(scorer.rules.prerequisite_p), 0},
    {"rules.cool_down_days", "cool-down-days", SETTING_I32, 0, 3650, NULL, "days",
     "after a start nothing else is recommended for so long", AT(scorer.rules.cool_down_days),
     0},
    {"rules.declined_rest_days", "declined-rest-days", SETTING_I32, 0, 3650, NULL, "days",
     "what a person declined is not recommended to them again for so long; 0: at once",
     AT(scorer.rules.declined_rest_days), 0},
    {"rules.most_under_way", "most-under-way", SETTING_I32, 1, 1000, NULL, "",
     "who has so many under way is recommended nothing", AT(scorer.rules.most_under_way), 0},
    {"rules.due_days", "due-days", SETTING_I32, 0, 3650, NULL, "days",
     "what is mandated is listed from so long before it is due", AT(scorer.rules.due_days), 0},

    {"recommend.top", "top", SETTING_I32, 1, 1000000, NULL, "", "longest list of a person",
     AT(recommend.choice.top), 0},
    {"recommend.rank_by", "rank-by", SETTING_WORD, 0, 1, "value|affinity", "",
     "what a list is ordered by", AT(recommend.choice.rank_by), 0},
    {"recommend.min_value", "min-value", SETTING_REAL, -1e9, 1e9, NULL, "",
     "below this value nothing is recommended", AT(recommend.choice.min_value), 0},
    {"recommend.diversity", "diversity", SETTING_REAL, 0, 1, NULL, "",
     "share of likeness to those before it (kind, competencies, provider) in what the next one "
     "is chosen by",
     AT(recommend.choice.diversity), 0},
    {"recommend.keep_unless_gain", "keep-unless-gain", SETTING_REAL, 0, 1e6, NULL, "",
     "yesterday's list stays unless a new one is worth more by this share; unset: no list is "
     "kept",
     AT(recommend.choice.keep_unless_gain), 0},
    {"recommend.attention_hours", "attention-hours", SETTING_REAL, 0.01, 168, NULL,
     "hours a week", "what is listed takes no more than this altogether; unset: no limit",
     AT(recommend.choice.attention_hours), 0},
    {"recommend.explore", "explore", SETTING_REAL, 0, 1, NULL, "",
     "share of chance in the choice out of a person's best 20, with its probabilities told; 0: "
     "none",
     AT(recommend.choice.explore), 0},
    {"recommend.seed", NULL, SETTING_U64, 0, DATA_MAX, NULL, "", "seed of exploration (--seed)",
     AT(recommend.choice.seed), 0},
    {"recommend.by_days", "by-days", SETTING_PAIR, 1, 36500, NULL, "days",
     "days of the two p_by columns", AT(scorer.by_days), 0},
};

const setting *settings_table(int *n) {
  *n = (int)(sizeof TABLE / sizeof *TABLE);
  return TABLE;
}

bool setting_is_supported(const setting *row) {
  return strncmp(row->name, "feedback.", strlen("feedback.")) != 0 ||
         pfc_store_supported(NULL) == PFC_OK;
}

void settings_defaults(settings *s) {
  *s = (settings){.preset = "", .map = "", .encoding = "", .scale = {(double)NAN, (double)NAN}};
  pfc_import_defaults(&s->import);
  pfc_quality_defaults(&s->quality);
  pfc_readiness_defaults(&s->readiness);
  pfc_drift_defaults(&s->drift);
  pfc_train_defaults(&s->train);
  pfc_evaluate_defaults(&s->evaluate);
  pfc_off_policy_defaults(&s->off_policy);
  pfc_refit_defaults(&s->refit);
  pfc_gate_defaults(&s->gate);
  pfc_gap_map_defaults(&s->gap_map);
  pfc_scorer_defaults(&s->scorer);
  pfc_recommend_defaults(&s->recommend);
}
