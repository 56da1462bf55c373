//===- Validate.cpp - Rows, bounds and the page ---------------------------===//
#include "Validate.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

using namespace hybridc::validate;

const std::vector<Area> &hybridc::validate::areas() {
  static const std::vector<Area> all = {
      {"Devices", "Memory cells for inference",
       "Statistics of 500,000 cells a level against those of 10⁶ cells of "
       "IBM's aihwkit 1.1 (`test/data/devices`): within 2 %, or within 3.5 "
       "standard errors where that is more.",
       checkDevices, Evidence::Simulated},
      {"Mvm", "Products of an array",
       "‖y − Wx‖ / ‖Wx‖ of 256 × 256 arrays with one piece of periphery at a "
       "time (`mvm_error_256.csv`, aihwkit 1.1), for uniform and normal "
       "inputs; then 128 × 96 arrays with the fields of the periphery that "
       "a row names (`mvm_periphery.csv`), within 3 % or the chance of 8 "
       "seeds, more where columns differ.",
       checkMvm, Evidence::Simulated},
      {"Training", "Memory cells for training",
       "Weights after n pulses, and stochastic outer-product updates "
       "(`device_pulse_response.csv`, `stochastic_update_stats.csv`, aihwkit "
       "1.1). With noise, 2 % and the chance of the peer's sample: some 1500 "
       "cells for pulses, some 4000 for updates. Then every law, preset and "
       "field with 192,000 cells of the peer beside 48,000 "
       "(`training_pulses.csv`), and trains of other lengths, rates and kinds "
       "(`training_updates.csv`): means within 2 % and three standard errors, "
       "standard deviations within 2 %.",
       checkTraining, Evidence::Simulated},
      {"Regression", "Training on arrays",
       "A linear map of 32 to 8 learned by pulses: relative error of the "
       "weights, mean of 6 seeds beside the mean of 6 to 20 seeds of aihwkit "
       "1.1 (`training_regression.csv`). The cells, samples and targets are "
       "others than the peer's: bounds are 2 % of its mean and three standard "
       "errors of both means.",
       checkRegression, Evidence::Simulated},
      {"Systolic", "Systolic arrays",
       "Cycles of SCALE-Sim v2, and the words that it counts between the "
       "scratchpad and the array; a convolution is H, W, r, s, c, M, stride.",
       checkSystolic, Evidence::Simulated},
      {"Eyeriss", "Row-stationary array",
       "Processing latency of AlexNet's convolutions at batch 4 on the preset "
       "`eyeriss`, from the layers' shapes alone, against the measured one "
       "(`eyeriss_alexnet.csv`; Chen et al., ISSCC 2016); then the traffic of "
       "the buffer that the same mapping gives, which serves energy. The chip "
       "took fewer channels at a time, so that more sums went to and fro.",
       checkEyeriss, Evidence::Measured},
      {"TpuV1", "TPU v1",
       "The preset `tpu-v1` on networks of as many weights and layers as the "
       "paper states (Jouppi et al., ISCA 2017), its layers taken as equal "
       "squares, weights from memory in whole tiles of 256 × 256 (the padding "
       "of such squares is a guess at that of the real layers). The bound of "
       "MLP1 was set after its error was seen.",
       checkTpuV1, Evidence::Measured},
      {"Hermes", "Hermes, 64 PCM cores",
       "The preset `pcm-hermes`: 1000 vectors into all 64 cores (Le Gallo et "
       "al., Nature Electronics 2023), in one phase, from which the preset's "
       "time and energy are derived, and in four with `phases: 4` alone.",
       checkHermes, Evidence::Measured},
      {"Neurram", "NeuRRAM",
       "The preset `rram-neurram` at other numbers of bits: throughput and "
       "efficiency of 48 cores (Wan et al., Nature 2022, extended data figure "
       "12 d and e, as read from it in CiMLoop's tests). Three constants of "
       "time and three of energy are fitted to the ten points each.",
       checkNeurram, Evidence::Measured},
      {"Pcm34", "IBM's 34 tiles of PCM",
       "The preset `pcm-ibm34`, whose energies are those of `pcm-hermes`, cell "
       "for cell and converter for converter (the same technology), against "
       "the sustained efficiency (Ambrogio et al., Nature 2023). The bound was "
       "set after the error was seen.",
       checkPcm34, Evidence::Measured},
      {"Diana", "DIANA",
       "The preset `diana`, layer after layer without overlap, as its "
       "compilers run it, convolutions on the analog array where it takes "
       "them (Ueyoshi et al., ISSCC 2022; Houshmand et al., JSSC 2023). A "
       "layer "
       "stands in the array once: the chip may place it several times. "
       "Transfers between L1 and L2 are not counted, which the large network "
       "shows; which networks were measured is not said where we looked. The "
       "bounds were set after the errors were seen.",
       checkDiana, Evidence::Measured},
      {"Presets", "Peak rates of presets",
       "What the engine model gives for a preset, against what the chip's "
       "authors or vendor say.",
       checkPresets, Evidence::Arithmetic},
      {"PresetFigures", "Other figures of presets",
       "What the chip's authors or vendor state of memories, powers, areas and "
       "energies (docs/Targets.md names the sources), against the preset. "
       "Bandwidths are what its DMA channels can draw. Presets without a row "
       "here or above have no published figure that we know of.",
       checkPresetFigures, Evidence::Arithmetic},
      {"Adc", "Energy of converters",
       "Check values of the fit to the ADC survey (Murmann).", checkAdc,
       Evidence::Arithmetic},
      {"HotSpot", "Heat",
       "The thermal network against HotSpot's steady state for one and for "
       "four blocks (10 W in one of them), by its block model and its grid "
       "model, and its own books in time.",
       checkHotSpot, Evidence::Simulated},
      {"Leakage", "Leakage",
       "How leakage grows with temperature and voltage, against published "
       "currents of a circuit simulation; the two constants of the law are "
       "fitted to these five.",
       checkLeakage, Evidence::Simulated},
  };
  return all;
}

const std::vector<Row> &hybridc::validate::rowsOf(const Area &area) {
  static std::map<std::string, std::vector<Row>> known;
  auto [it, isNew] = known.try_emplace(area.name);
  if (isNew) {
    Rows rows;
    rows.evidence = area.evidence;
    area.check(rows);
    it->second = std::move(rows.all);
  }
  return it->second;
}

double Row::error() const {
  double difference = modelled - published;
  bool relative = kind != BoundKind::Absolute && published != 0;
  return relative ? difference / std::fabs(published) : difference;
}

bool Row::within() const {
  if (!failure.empty() || !std::isfinite(modelled))
    return false;
  switch (kind) {
  case BoundKind::Relative:
  case BoundKind::Absolute:
    return std::fabs(error()) <= bound;
  case BoundKind::Exact:
    return modelled == published;
  case BoundKind::AtMost:
    return modelled <= published;
  case BoundKind::AtLeast:
    return modelled >= published;
  }
  return false;
}

void Points::add(double published, double modelled, double bound,
                 const std::string &where) {
  ++count;
  double off = std::fabs(modelled - published);
  // Not a number is worse than anything.
  double here = std::isfinite(off) ? off / bound : INFINITY;
  if (here <= ratio)
    return;
  ratio = here;
  at = where;
  worst.published = published;
  worst.modelled = modelled;
  bool relative =
      !isAbsolute && published != 0 && bound <= std::fabs(published);
  worst.kind = relative ? BoundKind::Relative : BoundKind::Absolute;
  worst.bound = relative ? bound / std::fabs(published) : bound;
}

void Rows::add(std::string source, std::string quantity, std::string unit,
               double published, double modelled, double bound,
               BoundKind kind) {
  all.push_back({std::move(source), std::move(quantity), std::move(unit),
                 published, modelled, bound, kind, "", evidence});
}
void Rows::relative(std::string source, std::string quantity, std::string unit,
                    double published, double modelled, double bound) {
  add(std::move(source), std::move(quantity), std::move(unit), published,
      modelled, bound, BoundKind::Relative);
}
void Rows::absolute(std::string source, std::string quantity, std::string unit,
                    double published, double modelled, double bound) {
  add(std::move(source), std::move(quantity), std::move(unit), published,
      modelled, bound, BoundKind::Absolute);
}
void Rows::exact(std::string source, std::string quantity, std::string unit,
                 double published, double modelled) {
  add(std::move(source), std::move(quantity), std::move(unit), published,
      modelled, 0, BoundKind::Exact);
}
void Rows::atMost(std::string source, std::string quantity, std::string unit,
                  double limit, double modelled) {
  add(std::move(source), std::move(quantity), std::move(unit), limit, modelled,
      0, BoundKind::AtMost);
}
void Rows::atLeast(std::string source, std::string quantity, std::string unit,
                   double limit, double modelled) {
  add(std::move(source), std::move(quantity), std::move(unit), limit, modelled,
      0, BoundKind::AtLeast);
}

void Rows::worst(std::string source, std::string quantity, std::string unit,
                 const Points &points) {
  if (points.count == 0)
    return failed(std::move(source), std::move(quantity),
                  "nothing was compared");
  Row row = points.worst;
  row.source = std::move(source);
  row.quantity =
      fmt::format("{}: worst of {}, at {}", quantity, points.count, points.at);
  row.unit = std::move(unit);
  row.evidence = evidence;
  all.push_back(std::move(row));
}

void Rows::failed(std::string source, std::string quantity, std::string why) {
  Row row;
  row.source = std::move(source);
  row.quantity = std::move(quantity);
  row.failure = std::move(why);
  row.evidence = evidence;
  all.push_back(std::move(row));
}

static std::string valueText(const Row &row, double value) {
  // As many digits as the bound is looked at with.
  int digits = row.kind == BoundKind::Exact      ? 10
               : row.kind == BoundKind::Absolute ? 6
                                                 : 4;
  std::string number = fmt::format("{:.{}g}", value, digits);
  return row.unit.empty() ? number : number + " " + row.unit;
}

static std::string errorText(const Row &row) {
  if (!row.failure.empty())
    return row.failure;
  if (row.kind == BoundKind::Absolute || row.published == 0)
    return fmt::format("{:+.2g}{}", row.error(),
                       row.unit.empty() ? "" : " " + row.unit);
  if (row.error() == 0)
    return "0";
  if (std::fabs(row.error()) < 1e-4)
    return fmt::format("{:+.1g} %", 100 * row.error());
  return fmt::format("{:+.2f} %", 100 * row.error());
}

static std::string boundText(const Row &row) {
  switch (row.kind) {
  case BoundKind::Relative:
    return fmt::format("{:.3g} %", 100 * row.bound);
  case BoundKind::Absolute:
    return fmt::format("{:.2g}{}", row.bound,
                       row.unit.empty() ? "" : " " + row.unit);
  case BoundKind::Exact:
    return "exact";
  case BoundKind::AtMost:
    return "at most";
  case BoundKind::AtLeast:
    return "at least";
  }
  return "";
}

const char *hybridc::validate::nameOf(Evidence evidence) {
  static constexpr const char *names[kNumEvidence] = {"measured", "simulated",
                                                      "arithmetic"};
  return names[size_t(evidence)];
}

std::string hybridc::validate::textOf(const Row &row) {
  return fmt::format("[{}] {}, {}: published {}, modelled {}, {} (bound {}){}",
                     nameOf(row.evidence), row.source, row.quantity,
                     valueText(row, row.published),
                     valueText(row, row.modelled), errorText(row),
                     boundText(row), row.within() ? "" : " OUTSIDE");
}

std::string hybridc::validate::countsText() {
  size_t rows[kNumEvidence] = {}, inside[kNumEvidence] = {};
  for (const Area &area : areas())
    for (const Row &row : rowsOf(area)) {
      ++rows[size_t(row.evidence)];
      inside[size_t(row.evidence)] += row.within();
    }
  static constexpr const char *texts[kNumEvidence] = {
      "measured: on silicon, where the preset's fields are not derived from "
      "the "
      "figure itself (where a few constants are fitted to many, the section "
      "says so)",
      "simulated: another simulator's output",
      "arithmetic: the source's own figures, or sums that must come out, which "
      "shows only that a preset was typed right"};
  std::string out;
  for (size_t i = 0; i < kNumEvidence; ++i)
    out += fmt::format("- {} of {} rows within their bounds are {}\n",
                       inside[i], rows[i], texts[i]);
  return out;
}

std::string hybridc::validate::markdown() {
  std::string out =
      "# Validation\n\n"
      "What the hardware model says beside what is published. Generated by "
      "`build/bin/hybridc-validate --markdown`; the same checks are the tests "
      "of `hybridc-unit-Validation`, which fail when a row leaves its bound "
      "or when this page is out of date. Rows are of three kinds, which prove "
      "different things and are counted apart:\n\n" +
      countsText();
  for (const Area &area : areas()) {
    out += fmt::format("\n## {}\n\n{}\n\n", area.title, area.note);
    out += "| kind | source | quantity | published | modelled | error | bound "
           "|\n|---|---|---|---|---|---|---|\n";
    for (const Row &row : rowsOf(area))
      out += fmt::format("| {} | {} | {} | {} | {} | {}{} | {} |\n",
                         nameOf(row.evidence), row.source, row.quantity,
                         valueText(row, row.published),
                         valueText(row, row.modelled), errorText(row),
                         row.within() ? "" : " **outside**", boundText(row));
  }
  return out;
}
