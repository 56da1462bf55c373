//===- Study.h - Models × chips × ages × precisions ------------*- C++ -*-===//
//
// What `hybridc eval` collects when it is given several of anything: one row a
// combination, side by side with chips to compare with. Table, JSON, CSV, page
// and Markdown are views of it. docs/Report.md documents every field.
//
// An inference is one sample along the first dimension of the first input. An
// operation is half a multiply-accumulate; other work is not counted.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_REPORT_STUDY_H
#define HYBRIDC_REPORT_STUDY_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Report/Results.h"
#include "hybridc/Support/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hybridc::report {

/// Mean over noise seeds, and the standard deviation of the sample.
struct Spread {
  double mean = 0, deviation = 0;
};
Spread spreadOf(const std::vector<double> &values);

/// How right the values are.
struct Scores {
  std::optional<Spread> top1_percent;      ///< with labels
  std::optional<Spread> agreement_percent; ///< same class as the float model
  std::optional<Spread> relativeError;     ///< ‖y − float y‖ / ‖float y‖
  /// Samples with NaN or infinite scores, of the seed that has most.
  uint64_t notFinite = 0;
};

/// What faults of the chip cost, and what mapping around them gets back.
struct FaultStudy {
  bool isMapped = true; ///< the row itself is of the program mapped around
  Scores clean;         ///< without any fault
  Scores unmapped;      ///< with them, weights placed as if there were none
  /// ‖error of the weights that faults cause‖ / ‖weights‖, as the row is
  /// placed and without any mapping.
  double relativeError = 0, relativeUnmappedError = 0;
};

/// One combination. Its own Scores are those of the program that it costs.
struct StudyRow : Scores {
  std::string model, target, precision;
  double age_s = 0;
  bool isBeside = false; ///< a chip that the others are compared with
  std::string formats;   ///< where the MACs are: "mac i8 98 %, pcm analog 2 %"

  // Not combined when there is an error.
  std::string error;
  int exitCode = 0;

  uint64_t batch = 1; ///< inferences that one run of the program makes
  double parameters = 0;
  double macs = 0;           ///< of one inference
  double latency_ns = 0;     ///< of one run
  double energy_pj = 0;      ///< of one inference
  double dram_bytes = 0;     ///< of one inference
  double averagePower_w = 0; ///< while it runs over and over
  double powerLimit_w = 0;   ///< of the chip; 0: not stated
  double peakTemperature_c = 0;
  double peakTops = 0;       ///< of the chip: peakTops()
  double bandwidth_gb_s = 0; ///< that its DRAM delivers
  /// Once, before inference: writing weights into arrays.
  double programming_ns = 0, programming_pj = 0;

  /// Read-outs and rewrites of the arrays until the horizon: how many, their
  /// time and energy all together.
  double horizon_s = 0, upkeeps = 0, upkeep_ns = 0, upkeep_pj = 0;

  uint64_t samples = 0;
  std::optional<FaultStudy> faults; ///< of chips with faults, with values

  double inferencesPerSecond() const;
  double tops() const;        ///< done, of the time of one run
  double topsPerWatt() const; ///< done
  double utilization() const; ///< tops() / peakTops
  double intensity() const;   ///< operations for each byte of DRAM traffic
  /// min(peak, bandwidth × intensity): what the roofline leaves.
  double rooflineTops() const;
  const char *rooflineBound() const; ///< "compute" or "memory"
};

struct Study {
  std::vector<StudyRow> rows;
  std::vector<std::string> beside; ///< targets
  unsigned seeds = 1;
  std::string data;        ///< what the values were computed of
  std::string calibration; ///< what ranges were found with
  std::string compensate;
  std::string command; ///< as typed

  /// Energy and latency per inference of chip `beside` over those of `row`:
  /// how many times less `row` takes. Without a value if either is missing.
  std::optional<std::pair<double, double>>
  gain(const StudyRow &row, const std::string &beside) const;
};

/// Tera-operations per second that all matrix engines of a chip do at most:
/// the digital one in its fastest format and every array for inference.
double peakTops(const chip::Chip &chip);

/// The row's figures of cost, of the results of its program.
void setCost(StudyRow &row, const Results &results, const chip::Chip &chip);

std::string studyTable(const Study &study);
std::string studyJson(const Study &study);
std::string studyCsv(const Study &study);
std::string studyHtml(const Study &study);
std::string studyMarkdown(const Study &study);

/// Usage error when the ending is none of .txt .json .csv .html .md.
Status checkStudyPath(const std::string &path);
Status writeStudy(const Study &study, const std::string &path);

} // namespace hybridc::report

#endif // HYBRIDC_REPORT_STUDY_H
