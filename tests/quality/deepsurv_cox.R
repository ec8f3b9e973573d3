# Cox regression of the simulated survival rows of datasets/samples/deepsurv_sim: the figures
# that test_deepsurv.c holds our time model against. The test writes the rows (columns t, e,
# x0 .. x9) and, where R and its package survival are installed, runs this script on them and
# compares what it prints with deepsurv_cox.csv.
#
#   Rscript tests/quality/deepsurv_cox.R train.csv test.csv > tests/quality/deepsurv_cox.csv
library(survival)
rows <- commandArgs(trailingOnly = TRUE)
train <- read.csv(rows[1])
test <- read.csv(rows[2])
x <- paste0("x", 0:9)
fit <- coxph(reformulate(x, "Surv(t, e)"), data = train, ties = "efron")
test$risk <- predict(fit, test, type = "lp")
c_index <- concordance(Surv(t, e) ~ risk, data = test, reverse = TRUE)$concordance

cat("# Made by tests/quality/deepsurv_cox.R with R's package survival:\n")
cat("#   fit <- coxph(Surv(t, e) ~ x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9,\n")
cat("#                data = train, ties = \"efron\")\n")
cat("#   test$risk <- predict(fit, test, type = \"lp\")\n")
cat("#   concordance(Surv(t, e) ~ risk, data = test, reverse = TRUE)$concordance\n")
cat("# on the groups train (4000 rows) and test (1000) of linear_survival_data.h5.\n")
cat("figure,value\n")
cat(sprintf("%s,%.6f\n", x, coef(fit)), sep = "")
cat(sprintf("concordance,%.6f\n", c_index))
