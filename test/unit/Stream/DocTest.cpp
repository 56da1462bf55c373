//===- DocTest.cpp - docs/CommandStream.md is up to date ------------------===//
//
// The tables are generated, the example is real, and every label is in the
// page, beside code and in a test. HYBRIDC_UPDATE_DOCS=1 writes the tables and
// the example anew.
//
//===----------------------------------------------------------------------===//
#include "Sample.h"

#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Disassemble.h"
#include "hybridc/Stream/VecIsa.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

using namespace hybridc::stream;

namespace {

const std::string kRoot = HYBRIDC_SOURCE_DIR;
const std::string kPage = kRoot + "/docs/CommandStream.md";

std::string contents(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string operands(const CommandSpec &spec, bool isOut) {
  unsigned min = isOut ? spec.minOuts : spec.minIns;
  unsigned max = isOut ? spec.maxOuts : spec.maxIns;
  if (max == 255)
    return min == 0 ? "any" : fmt::format("{} or more", min);
  std::vector<std::string> names;
  for (unsigned i = 0; i < max; ++i)
    names.push_back(fmt::format(fmt::runtime(i < min ? "{}" : "[{}]"),
                                operandName(spec, isOut, i)));
  return names.empty() ? "–" : fmt::format("{}", fmt::join(names, ", "));
}

std::string attribute(const AttrSpec &attr) {
  std::string_view type = attr.kind == AttrKind::Text ? "text"
                          : attr.kind == AttrKind::Floats
                              ? attr.list ? "floats" : "float"
                          : attr.list ? "ints"
                                      : "int";
  return fmt::format(
      fmt::runtime(attr.required ? "`{}` {}: {}" : "[`{}`] {}: {}"), attr.name,
      type, attr.doc);
}

std::string commandTable() {
  std::string out = "| command | engine | inputs | outputs | DRAM | what | "
                    "attributes |\n|---|---|---|---|---|---|---|\n";
  for (const CommandSpec &spec : commandSpecs()) {
    std::vector<std::string> attrs;
    for (const AttrSpec &attr : spec.attrs)
      attrs.push_back(attribute(attr));
    if (spec.openAttrs)
      attrs.push_back("and its own");
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", spec.name,
                       nameOf(spec.engine), operands(spec, false),
                       operands(spec, true), spec.dramOperands ? "yes" : "no",
                       cell(spec.doc),
                       cell(fmt::format("{}", fmt::join(attrs, "<br>"))));
  }
  return out;
}

std::string instructionTable() {
  using R = VecOpInfo::ResultType;
  std::string out = "| instruction | reads | yields | types |\n"
                    "|---|---|---|---|\n";
  for (unsigned i = 0; i < kNumVecOps; ++i) {
    const VecOpInfo &info = infoOf(VecOp(i));
    out += fmt::format("| `{}` | {} | {} | {} |\n", info.name, info.numOperands,
                       !info.writesRegister     ? "–"
                       : info.result == R::Bool ? "bool"
                       : info.result == R::I64  ? "i64"
                       : info.result == R::Same ? "its type"
                                                : "the register's type",
                       info.floatOnly       ? "floats"
                       : info.intOrBoolOnly ? "integers, bool"
                                            : "any");
  }
  return out;
}

/// The page with what stands between `begin` and `end` replaced by `text`.
std::string replaced(const std::string &page, const std::string &begin,
                     const std::string &end, const std::string &text) {
  size_t first = page.find(begin);
  if (first == std::string::npos)
    return fmt::format("no '{}'", begin);
  first += begin.size();
  size_t last = page.find(end, first);
  return page.substr(0, first) + text + page.substr(last);
}

using Labels = std::set<std::string>;

/// The labels ("S12") in `text` that stand between `before` and `after`.
Labels labels(std::string_view text, std::string_view before,
              std::string_view after) {
  Labels found;
  for (size_t at = text.find(before); at != text.npos;
       at = text.find(before, at + 1)) {
    std::string_view rest = text.substr(at + before.size());
    size_t end = rest.find_first_not_of("0123456789", 1);
    if (end != rest.npos && end > 1 && rest.substr(end).starts_with(after) &&
        std::string_view("SCVFH").find(rest[0]) != text.npos)
      found.insert(std::string(rest.substr(0, end)));
  }
  return found;
}

/// The text of all sources below a folder.
std::string sources(const std::string &folder) {
  std::string text;
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(kRoot + folder))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
      text += contents(entry.path());
  return text;
}

/// The names of all tests: "_C1_C2_Matmul".
std::string testNames(std::string_view text) {
  std::string names;
  for (size_t at = text.find("\nTEST("); at != text.npos;
       at = text.find("\nTEST(", at + 1)) {
    size_t comma = text.find(',', at), end = text.find(')', at);
    size_t name = text.find_first_not_of(" \n", comma + 1);
    names += fmt::format("_{}\n", text.substr(name, end - name));
  }
  return names;
}

} // namespace

TEST(Doc, TablesAndExampleAreUpToDate) {
  std::string page = contents(kPage);
  std::string fresh = replaced(page, "<!-- generated: commands -->\n",
                               "<!-- end -->", commandTable());
  fresh = replaced(fresh, "<!-- generated: instructions -->\n", "<!-- end -->",
                   instructionTable());
  fresh = replaced(fresh,
                   "<!-- the example is compared with the disassembler's "
                   "output -->\n```\n",
                   "```", disassemble(sample::pipeline()));
  if (std::getenv("HYBRIDC_UPDATE_DOCS"))
    std::ofstream(kPage, std::ios::binary) << fresh;
  EXPECT_EQ(page, fresh) << "run this test with HYBRIDC_UPDATE_DOCS=1";
}

TEST(Doc, EveryLabelIsInThePageTheCodeAndATest) {
  Labels page = labels(contents(kPage), "**(", ")**");
  EXPECT_EQ(page,
            labels(sources("/lib/Stream") + sources("/include/hybridc/Stream"),
                   "(", ")"));
  Labels tests = labels(testNames(sources("/test/unit/Stream")), "_", "_");
  for (const std::string &label : page)
    EXPECT_TRUE(tests.count(label)) << label << " has no test named after it";
  EXPECT_GT(page.size(), 80u);
}
