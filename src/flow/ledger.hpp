// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/ip.hpp"
#include "base/time.hpp"

namespace flowspan::flow {

/// What became of flows that are missing by sequence number. docs/guide/account.md tells how it is found out.
enum class Fate : std::uint8_t {
  network,      ///< lost before this machine: nothing was dropped here in that stretch
  kernel,       ///< in datagrams that the kernel dropped
  ring,         ///< in datagrams that the ring had no room for
  journal,      ///< in datagrams that the journal had no room for
  down,         ///< while no collector ran
  quarantine,   ///< in datagrams that were put aside because they killed the decoder
  undecodable,  ///< in datagrams that came damaged and said so
  unclear,      ///< one of these, and it can not be known which
};
inline constexpr std::size_t fates = 8;

/// What an exporter announced in an hour, and what became of it. Signed: a later finding takes back.
///
/// It balances when announced + unnumbered + repeated = stored + lost of every fate.
struct ExporterAccount {
  std::int64_t datagrams = 0;
  std::int64_t announced = 0;   ///< flows by which the exporter's sequence numbers advanced
  std::int64_t stored = 0;      ///< flows decoded, and so stored
  std::int64_t unnumbered = 0;  ///< stored flows of protocols that number nothing
  std::int64_t repeated = 0;    ///< stored flows that an earlier datagram had brought already
  std::int64_t network = 0;
  std::int64_t kernel = 0;
  std::int64_t ring = 0;
  std::int64_t journal = 0;
  std::int64_t down = 0;
  std::int64_t quarantined = 0;
  std::int64_t undecodable = 0;
  std::int64_t unclear = 0;
  std::int64_t late = 0;      ///< flows that came late: missing for a while
  std::int64_t restarts = 0;  ///< of the exporter
  std::int64_t resets = 0;    ///< jumps of the sequence number of which no loss can be made

  std::int64_t& lost(Fate fate);
  /// By sequence number, of every fate.
  std::int64_t all_lost() const;
  /// 0 when the account balances; else so many announced flows have no explanation (negative: too many flows have come).
  std::int64_t difference() const { return announced + unnumbered + repeated - stored - all_lost(); }
  ExporterAccount& operator+=(const ExporterAccount& other);
  friend bool operator==(const ExporterAccount&, const ExporterAccount&) = default;
};

struct AccountColumn {
  std::string_view name;
  std::int64_t ExporterAccount::*value;
};
/// All numbers of an ExporterAccount, by the names that the catalog has.
inline constexpr auto account_columns = std::to_array<AccountColumn>({
    {"datagrams", &ExporterAccount::datagrams},
    {"announced", &ExporterAccount::announced},
    {"stored", &ExporterAccount::stored},
    {"unnumbered", &ExporterAccount::unnumbered},
    {"repeated", &ExporterAccount::repeated},
    {"network", &ExporterAccount::network},
    {"kernel", &ExporterAccount::kernel},
    {"ring", &ExporterAccount::ring},
    {"journal", &ExporterAccount::journal},
    {"down", &ExporterAccount::down},
    {"quarantined", &ExporterAccount::quarantined},
    {"undecodable", &ExporterAccount::undecodable},
    {"unclear", &ExporterAccount::unclear},
    {"late", &ExporterAccount::late},
    {"restarts", &ExporterAccount::restarts},
    {"resets", &ExporterAccount::resets},
});
static_assert(sizeof(ExporterAccount) == account_columns.size() * sizeof(std::int64_t), "a number without a name");

/// What a writer received and dropped in an hour, in datagrams.
struct WriterAccount {
  std::int64_t datagrams = 0;  ///< in the journal
  std::int64_t kernel = 0;
  std::int64_t ring = 0;
  std::int64_t journal = 0;
  std::int64_t quarantined = 0;
  std::int64_t starts = 0;  ///< of the collector
  std::int64_t placed = 0;  ///< of the dropped: those that explain a gap in an exporter's sequence

  std::int64_t dropped() const { return kernel + ring + journal + quarantined; }
  WriterAccount& operator+=(const WriterAccount& other);
  friend bool operator==(const WriterAccount&, const WriterAccount&) = default;
};

struct WriterColumn {
  std::string_view name;
  std::int64_t WriterAccount::*value;
};
inline constexpr auto writer_columns = std::to_array<WriterColumn>({
    {"datagrams", &WriterAccount::datagrams},
    {"kernel", &WriterAccount::kernel},
    {"ring", &WriterAccount::ring},
    {"journal", &WriterAccount::journal},
    {"quarantined", &WriterAccount::quarantined},
    {"starts", &WriterAccount::starts},
    {"placed", &WriterAccount::placed},
});
static_assert(sizeof(WriterAccount) == writer_columns.size() * sizeof(std::int64_t), "a number without a name");

/// The account of a stretch of datagrams, by the hour (UTC) in which they were received.
class Ledger {
 public:
  /// Rows are kept for so many exporters and hours; all beyond are counted together, under the address `others`.
  static constexpr std::size_t max_rows = 65'536;
  static constexpr Ip others{};

  struct Key {
    Time hour = 0;  ///< its beginning
    Ip exporter;
    friend constexpr auto operator<=>(const Key&, const Key&) = default;
  };
  /// Datagrams that were not what they should be, by exporter::name(Reason).
  using Refused = std::map<std::pair<Key, std::string>, std::int64_t>;

  /// Of the hour in which `when` is.
  ExporterAccount& exporter(Time when, const Ip& ip);
  WriterAccount& writer(Time when);
  void refuse(Time when, const Ip& ip, std::string_view reason);

  const std::map<Key, ExporterAccount>& exporters() const { return exporters_; }
  const std::map<Time, WriterAccount>& writers() const { return writers_; }
  const Refused& refused() const { return refused_; }
  bool empty() const { return exporters_.empty() && writers_.empty(); }

  ExporterAccount exporters_total() const;
  WriterAccount writers_total() const;

 private:
  Key key(Time when, const Ip& ip) const;

  std::map<Key, ExporterAccount> exporters_;
  std::map<Time, WriterAccount> writers_;
  Refused refused_;
};

/// The beginning of the hour (UTC).
Time hour_of(Time when);

}  // namespace flowspan::flow
