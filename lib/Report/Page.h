//===- Page.h - The page's text, before results are put in -----*- C++ -*-===//
#ifndef HYBRIDC_LIB_REPORT_PAGE_H
#define HYBRIDC_LIB_REPORT_PAGE_H

#include <string_view>

namespace hybridc::report {

/// page.html, with "@TITLE@" and "@DATA@" where results belong.
std::string_view pageTemplate();
/// study.html, with "@DATA@" where a study belongs.
std::string_view studyPageTemplate();

} // namespace hybridc::report

#endif // HYBRIDC_LIB_REPORT_PAGE_H
