//===- DeviceCsv.h - Reads the small tables of test/data/devices -*- C++ -*-==//
#ifndef HYBRIDC_TEST_UNIT_EXECUTOR_DEVICECSV_H
#define HYBRIDC_TEST_UNIT_EXECUTOR_DEVICECSV_H

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace hybridc::test {

using CsvRow = std::map<std::string, std::string>;

inline std::vector<std::string> splitCsvLine(const std::string &line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      fields.emplace_back();
    else if (c != '\r')
      fields.back() += c;
  }
  return fields;
}

/// The rows of test/data/<path>, without lines that begin with '#'; empty if
/// there is no such file.
inline std::vector<CsvRow> readCsv(const std::string &path) {
  std::ifstream in(std::string(HYBRIDC_TEST_DATA_DIR) + "/" + path);
  std::string line;
  std::vector<std::string> header;
  std::vector<CsvRow> rows;
  while (std::getline(in, line)) {
    if (line.starts_with('#'))
      continue;
    auto fields = splitCsvLine(line);
    if (header.empty()) {
      header = fields;
      continue;
    }
    CsvRow row;
    for (size_t i = 0; i < header.size() && i < fields.size(); ++i)
      row[header[i]] = fields[i];
    rows.push_back(row);
  }
  return rows;
}

inline std::vector<CsvRow> readDeviceCsv(const std::string &name) {
  return readCsv("devices/" + name);
}

inline double numberOf(const CsvRow &row, const std::string &column) {
  return std::stod(row.at(column));
}

} // namespace hybridc::test

#endif
