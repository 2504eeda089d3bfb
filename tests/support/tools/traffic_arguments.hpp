// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// "--name value" arguments of the test tools.

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "traffic_send.hpp"

namespace traffic {

class Arguments {
 public:
  /// `known` are the names that may be given; every other one ends the program with `usage`.
  Arguments(int count, char** words, const std::vector<std::string>& known, const char* usage) {
    for (int i = 1; i < count; i += 2) {
      std::string name = words[i];
      bool found = false;
      for (const auto& word : known) found = found || name == "--" + word;
      if (!found || i + 1 == count) {
        std::fputs(usage, stderr);
        std::exit(2);
      }
      values_[name.substr(2)].emplace_back(words[i + 1]);
    }
  }
  const std::vector<std::string>& all(const std::string& name) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(name);
    return found == values_.end() ? none : found->second;
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    return all(name).empty() ? otherwise : all(name).back();
  }
  double number(const std::string& name, double otherwise) const {
    if (all(name).empty()) return otherwise;
    char* end = nullptr;
    const double value = std::strtod(all(name).back().c_str(), &end);
    if (end == all(name).back().c_str() || *end != '\0' || value < 0) die("--" + name + ": no number");
    return value;
  }
  std::uint64_t whole(const std::string& name, std::uint64_t otherwise) const {
    return all(name).empty() ? otherwise : std::strtoull(all(name).back().c_str(), nullptr, 0);
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace traffic
