# Recomputes with R's survival what test_metrics_external.c wrote:
#     Rscript metrics_survival.R spells.csv spell_results.csv
# Days are whole, so that order within a day can be had by parts of a day: events at d, then
# censoring at d + 1/4, then late entries at d + 1/2.
suppressMessages(library(survival))
args <- commandArgs(trailingOnly = TRUE)
spells <- read.csv(args[1])
results <- read.csv(args[2])

# Those that count: of some weight, and at risk at all.
case_rows <- function(case) {
  d <- spells[spells$case == case, ]
  d$entry <- ifelse(d$entry > 0, d$entry, -1)
  d[d$weight > 0 & d$entry < d$time, ]
}

curve <- function(d, happens, shift, at) {
  start <- ifelse(d$entry > 0, d$entry + 2 * shift, -1)
  stop <- d$time + shift * (d$event == 0)
  fit <- survfit(Surv(start, stop, happens) ~ 1, weights = d$weight)
  summary(fit, times = at, extend = TRUE)$surv
}
km <- function(d, at) curve(d, d$event != 0, 0, at)
censoring <- function(d, at) curve(d, d$event == 0, 0.25, at)

aalen_johansen <- function(d, at) {
  state <- factor(d$event, 0:2, c("censored", "cause", "other"))
  fit <- survfit(Surv(entry, time, state) ~ 1, data = d, weights = d$weight, id = seq_len(nrow(d)))
  summary(fit, times = at, extend = TRUE)$pstate[, 2]
}

# Graf et al. 1999 with G as R has it; late entries: G(entry), after those censored that day.
brier <- function(d, day) {
  g <- function(at) {
    days <- sort(unique(pmax(at, 0)))
    ifelse(at < 0, 1, censoring(d, days)[match(pmax(at, 0), days)])
  }
  if (g(day - 0.125) == 0) return(NaN) # nobody is followed as far as the day
  known <- ifelse(d$event != 0 & d$time <= day, g(d$time - 0.125),
                  ifelse(d$time >= day, g(day - 0.125), Inf))
  from <- g(ifelse(d$entry > 0, d$entry + 0.25, -1))
  happened <- d$event == 1 & d$time <= day
  score <- from / known * (happened - d$incidence)^2
  judged <- d$entry < day
  weighted.mean(score[judged], d$weight[judged])
}

# survival's own, of a model that predicts Kaplan-Meier for everybody. It wants a fit to begin
# with, and finds the data in the fit's call.
null_brier <- function(d, day) {
  call <- list(Surv(time, event) ~ risk, data = d, ties = "breslow")
  fit <- suppressWarnings(do.call(coxph, call))
  survival:::brier(fit, times = day)$brier[1, 1]
}

d_calibration <- function(d, n_bins) {
  own <- pmin(floor(d$survival * n_bins), n_bins - 1)
  mass <- sapply(seq_len(n_bins) - 1, function(b) {
    below <- ifelse(d$survival > 0, 1 / (n_bins * d$survival), 0)
    share <- ifelse(d$event != 0, own == b,
                    ifelse(b < own, below, ifelse(b == own, 1 - own * below, 0)))
    sum(d$weight * share)
  })
  sum((mass - sum(mass) / n_bins)^2) / (sum(mass) / n_bins)
}

# One spell makes no pair, and stops R.
c_of <- function(d, formula, ...) {
  if (nrow(d) < 2) return(NaN)
  concordance(formula, d, weights = weight, reverse = TRUE, ...)$concordance
}

value_of <- function(figure, at, d) switch(figure,
  c = c_of(d, Surv(entry, time, event == 1) ~ risk),
  uno = c_of(d, Surv(time, event == 1) ~ risk, timewt = "n/G2", ymax = at),
  km = km(d, at),
  km_left = km(d, at - 0.125),
  g = censoring(d, at + 0.25),
  g_left = censoring(d, at - 0.125),
  aj = aalen_johansen(d, at),
  brier = brier(d, at),
  null_brier = null_brier(d, at),
  d_statistic = d_calibration(d, at),
  d_p = pchisq(d_calibration(d, at), at - 1, lower.tail = FALSE),
  stop("unknown figure ", figure))

apart <- 0
compared <- table(results$figure[!is.nan(results$value)])
for (k in seq_len(nrow(results))) {
  r <- results[k, ]
  expected <- value_of(r$figure, r$at, case_rows(r$case))
  same <- if (is.nan(r$value)) is.nan(expected) else isTRUE(abs(r$value - expected) <= 1e-9)
  if (same) next
  apart <- apart + 1
  cat(sprintf("case %d: %s at %g is %.17g, R says %.17g\n", r$case, r$figure, r$at, r$value, expected))
}
for (figure in names(compared)) cat(figure, compared[[figure]], "")
cat("compared with survival", as.character(packageVersion("survival")), "\n")
quit(status = if (apart > 0) 1 else 0)
