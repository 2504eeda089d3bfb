// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands.hpp"
#include "app/nfcapd.hpp"
#include "app/tell.hpp"
#include "query/output.hpp"

namespace flowspan::app {
namespace {

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok: return "OK";
    case Verdict::warning: return "warning";
    case Verdict::error: break;
  }
  return "error";
}

Status write_findings(const Findings& findings, Format format) {
  engine::Table table;
  table.columns = {{"verdict", "VARCHAR"}, {"what", "VARCHAR"}, {"text", "VARCHAR"}};
  for (const auto& finding : findings)
    table.rows.push_back({std::string(word_of(finding.verdict)), finding.what, finding.text});
  return query::write_table(format, query::standard_output(), table);
}

int translate(const std::string& options) {
  const auto toml = translate_nfcapd(options);
  if (!toml) return report(toml.error());
  const auto status = query::standard_output()(*toml);
  return status ? exit_done : report(status.error());
}

}  // namespace

int run_check(const CheckOptions& options) {
  if (options.translate) return translate(options.from_nfcapd);
  Findings findings;
  const auto configuration = load_configuration(options.config, options.flags);
  if (configuration) {
    const auto from = configuration->file.empty() ? "no flowspan.toml, defaults" : configuration->file.string();
    findings.push_back({Verdict::ok, "configuration", from});
    check_identity(*configuration, findings);
    check_ports(*configuration, findings);
    check_store(*configuration, findings);
    check_machine(*configuration, now(), findings);
  } else {
    findings.push_back({Verdict::error, "configuration", configuration.error().text});
  }
  const auto status = write_findings(findings, options.format);
  if (!status) return report(status.error());
  const auto count = [&](Verdict verdict) {
    return std::count_if(findings.begin(), findings.end(), [&](const auto& f) { return f.verdict == verdict; });
  };
  tell("{} errors, {} warnings\n", count(Verdict::error), count(Verdict::warning));
  return count(Verdict::error) > 0 ? exit_failed : exit_done;
}

}  // namespace flowspan::app
