//===- Validate.h - The model against published figures -------*- C++ -*-===//
//
// One list of checks serves three readers: hybridc-unit-Validation enforces
// the bounds, one test an area; hybridc-validate prints the rows; its
// --markdown is docs/Validation.md. To add a figure, add a row to its area's
// file; to add an area, declare its function below and name it in areas().
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_TEST_VALIDATE_VALIDATE_H
#define HYBRIDC_TEST_VALIDATE_VALIDATE_H

#include <cstddef>
#include <string>
#include <vector>

namespace hybridc::validate {

enum class BoundKind {
  Relative, ///< |modelled / published − 1| ≤ bound
  Absolute, ///< |modelled − published| ≤ bound, in the row's unit
  Exact,    ///< equal
  AtMost,   ///< modelled ≤ published: a power budget, an area
  AtLeast,  ///< modelled ≥ published
};

/// What the published figure of a row is.
enum class Evidence {
  Measured,   ///< on silicon; a preset's fields were not derived from it alone
  Simulated,  ///< another simulator's output
  Arithmetic, ///< the source's own figures, or sums that must come out: shows
              ///< only that a preset was typed right and the books balance
};
constexpr size_t kNumEvidence = 3;
/// "measured", "simulated", "arithmetic".
const char *nameOf(Evidence evidence);

/// One figure: what a source says of it, and what the model says.
struct Row {
  std::string source;   ///< chip, paper or peer
  std::string quantity; ///< what, and at which point
  std::string unit;     ///< "" = a number
  double published = 0, modelled = 0;
  double bound = 0; ///< a fraction when relative
  BoundKind kind = BoundKind::Relative;
  std::string failure; ///< why there is no modelled value, if there is none
  Evidence evidence = Evidence::Arithmetic;

  /// Relative or, by kind, absolute; signed.
  double error() const;
  bool within() const;
};

/// Published and modelled values of one quantity at many points; the row is
/// the point nearest to its bound or farthest beyond.
class Points {
public:
  /// `isAbsolute`: the page shows errors in the unit of the values.
  explicit Points(bool isAbsolute = false) : isAbsolute(isAbsolute) {}
  /// `bound` in the unit of the values.
  void add(double published, double modelled, double bound,
           const std::string &where);

private:
  friend class Rows;
  Row worst;
  std::string at;
  double ratio = -1;
  size_t count = 0;
  bool isAbsolute;
};

/// The rows of an area, in the order of the page.
class Rows {
public:
  std::vector<Row> all;
  /// Of the rows that are added next.
  Evidence evidence = Evidence::Arithmetic;

  void relative(std::string source, std::string quantity, std::string unit,
                double published, double modelled, double bound);
  void absolute(std::string source, std::string quantity, std::string unit,
                double published, double modelled, double bound);
  void exact(std::string source, std::string quantity, std::string unit,
             double published, double modelled);
  void atMost(std::string source, std::string quantity, std::string unit,
              double limit, double modelled);
  void atLeast(std::string source, std::string quantity, std::string unit,
               double limit, double modelled);
  /// The worst of many points, with how many there are.
  void worst(std::string source, std::string quantity, std::string unit,
             const Points &points);
  /// A check that could not run: outside of every bound.
  void failed(std::string source, std::string quantity, std::string why);

private:
  void add(std::string source, std::string quantity, std::string unit,
           double published, double modelled, double bound, BoundKind kind);
};

struct Area {
  const char *name;  ///< of the test: letters only
  const char *title; ///< heading on the page
  const char *note;  ///< one or two sentences: what is compared, and how
  void (*check)(Rows &rows);
  Evidence evidence; ///< of its rows, unless the check says otherwise
};

/// All areas, in the order of the page.
const std::vector<Area> &areas();
/// The rows of an area; computed once in a process.
const std::vector<Row> &rowsOf(const Area &area);

/// "PCM arrays   peak   63.1 TOPS   62.99 TOPS   -0.17 % (bound 2 %)".
std::string textOf(const Row &row);
/// docs/Validation.md.
std::string markdown();
/// "17 rows measured on silicon, …": all rows by kind, and how many of each are
/// within their bounds.
std::string countsText();

// One file an area.
void checkAdc(Rows &rows);
void checkDevices(Rows &rows);
void checkInferenceCells(Rows &rows);  ///< a part of Devices
void checkPeripheryFields(Rows &rows); ///< a part of Mvm
void checkEyeriss(Rows &rows);
void checkDiana(Rows &rows);
void checkHermes(Rows &rows);
void checkNeurram(Rows &rows);
void checkPcm34(Rows &rows);
void checkHotSpot(Rows &rows);
void checkLeakage(Rows &rows);
void checkMvm(Rows &rows);
void checkPresets(Rows &rows);
void checkPresetFigures(Rows &rows);
void checkRegression(Rows &rows);
void checkSystolic(Rows &rows);
void checkTpuV1(Rows &rows);
void checkTraining(Rows &rows);

} // namespace hybridc::validate

#endif // HYBRIDC_TEST_VALIDATE_VALIDATE_H
