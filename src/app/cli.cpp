// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/cli.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "app/tell.hpp"
#include "app/verbs.hpp"
#include "query/nearest.hpp"

namespace flowspan::app {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  flowspan demo                          a made-up network and the screen: a first look\n"
    "  flowspan collect                       receive flows on :2055 :4739 :6343\n"
    "  flowspan query --by src_addr --last 1h top talkers of the last hour\n"
    "  flowspan check                         what would hinder collecting\n"
    "'flowspan VERB --help' says more.";

/// Every verb, in the order of the help.
void add_verbs(CLI::App& program, Action& action) {
  for (const auto add : {add_collect, add_read, add_query, add_sql, add_duration, add_watch, add_account, add_store,
                         add_check, add_replay, add_simulate, add_demo})
    add(program, action);
}

/// The verb (and its own verb) that the command line named; the program itself when it named none.
const CLI::App* chosen_verb(const CLI::App& program) {
  const auto chosen = program.get_subcommands();
  return chosen.empty() ? &program : chosen_verb(*chosen.front());
}

std::string full_name(const CLI::App* verb) {
  const auto* parent = verb->get_parent();
  return parent == nullptr ? verb->get_name() : full_name(parent) + " " + verb->get_name();
}

std::vector<std::string> verb_names(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const auto* sub : verb.get_subcommands([](const CLI::App*) { return true; })) names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> flag_names(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const auto* option : verb.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

int wrong_usage(const CLI::App& verb, const std::string& text) {
  tell("{0}: {1}\nSee: {0} --help\n", full_name(&verb), text);
  return exit_usage;
}

std::string hint(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return query::did_you_mean(word, candidates);
}

/// A word that nothing took: an unknown verb or flag, or one word too many.
int wrong_word(const CLI::App& verb, const std::string& word) {
  if (word.starts_with('-')) {
    const auto name = word.substr(0, word.find('='));
    return wrong_usage(verb, fmt::format("there is no flag {}{}", name, hint(name, flag_names(verb))));
  }
  const auto verbs = verb_names(verb);
  if (verbs.empty()) return wrong_usage(verb, fmt::format("'{}' is a word too many for {}", word, full_name(&verb)));
  auto better = hint(word, verbs);
  if (better.empty()) better = fmt::format(": there are {}", fmt::join(verbs, ", "));
  return wrong_usage(verb, fmt::format("there is no verb '{}'{}", word, better));
}

/// CLI11's fault in our words.
int wrong_flags(const CLI::App& verb, const CLI::ParseError& error) {
  std::string text = error.what();
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n')) text[at] = ' ';
  return wrong_usage(verb, text);
}

void allow_extras(CLI::App& verb) {
  verb.allow_extras();
  for (auto* sub : verb.get_subcommands([](const CLI::App*) { return true; })) allow_extras(*sub);
}

int run(CLI::App& program, int argc, char** argv) {
  Action action;
  add_verbs(program, action);
  allow_extras(program);  // so that the first word that is wrong is named by us
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return program.exit(success);
  } catch (const CLI::ParseError& error) {
    return wrong_flags(*chosen_verb(program), error);
  }
  const auto& verb = *chosen_verb(program);
  if (const auto rest = program.remaining(true); !rest.empty()) return wrong_word(verb, rest.front());
  if (action) return action();
  return wrong_usage(verb, fmt::format("say what to do: {}", fmt::join(verb_names(verb), ", ")));
}

}  // namespace

int run_program(int argc, char** argv) {
  try {
    CLI::App program("flowspan: a NetFlow, IPFIX and sFlow collector and analyzer", "flowspan");
    program.set_version_flag("--version", "flowspan " FLOWSPAN_VERSION);
    program.footer(examples);
    return run(program, argc, argv);
  } catch (const std::exception& error) {
    return report({fmt::format("this should not happen, please report it: {}", error.what())});
  }
}

}  // namespace flowspan::app
