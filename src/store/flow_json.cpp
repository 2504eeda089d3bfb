// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "store/flow_json.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ip.hpp"
#include "base/time.hpp"

namespace flowspan::store {
namespace {

using flow::FieldIndex;
using flow::FlowBatch;
using flow::Type;
using flow::operator""_field;

constexpr double most_scaled = 18446744073709549568.0;  // as the view: the largest double that 64 bits hold
constexpr std::uint8_t icmp = 1;
constexpr std::uint8_t first_with_icmp_fields = 9;  // NetFlow up to v8 tells type and code in the destination port

/// Time as text, kept for the next row, which often has the same.
struct TimeText {
  std::int64_t value = 0;
  std::string text;
};

class Lines {
 public:
  Lines(const FlowBatch& batch, std::string& out) : batch_(batch), out_(out), times_(flow::field_count) {}

  void write() {
    for (row_ = 0; row_ < batch_.rows(); ++row_) {
      out_ += '{';
      start_ = out_.size();
      for (FieldIndex field = 0; field < flow::field_count; ++field) write_field(field);
      write_derived();
      out_ += "}\n";
    }
  }

 private:
  /// Any number or time, widened; nothing for NULL.
  std::optional<std::uint64_t> bits(FieldIndex field) const {
    if (batch_.is_null(field, row_)) return std::nullopt;
    if (!batch_.present(field)) return static_cast<std::uint64_t>(flow::fields[field].absent);
    switch (flow::width(flow::fields[field].type)) {
      case 1: return batch_.values<std::uint8_t>(field)[row_];
      case 2: return batch_.values<std::uint16_t>(field)[row_];
      case 4: return batch_.values<std::uint32_t>(field)[row_];
      default: return batch_.values<std::uint64_t>(field)[row_];
    }
  }

  void key(std::string_view name) {
    if (out_.size() > start_) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  void number(std::string_view name, std::uint64_t value) {
    key(name);
    fmt::format_to(std::back_inserter(out_), FMT_STRING("{}"), value);
  }

  void address(std::string_view name, FieldIndex hi, FieldIndex lo) {
    const auto upper = bits(hi);
    const auto lower = bits(lo);
    if (!upper || !lower) return;
    char text[Ip::max_text];
    key(name);
    out_ += '"';
    out_.append(text, Ip{*upper, *lower}.write(text));
    out_ += '"';
  }

  void time(FieldIndex field, std::uint64_t value) {
    const Type type = flow::fields[field].type;
    const Duration unit = type == Type::time_ms ? millisecond : type == Type::time_us ? microsecond : 1;
    key(flow::fields[field].name);
    TimeText& known = times_[field];
    Time time = 0;
    if (__builtin_mul_overflow(static_cast<std::int64_t>(value), unit, &time)) {
      out_ += "null";  // beyond 2262, which no text can tell
      return;
    }
    if (known.text.empty() || known.value != time) known = {time, time_text(time)};
    out_ += '"';
    out_ += known.text;
    out_ += '"';
  }

  void real(std::string_view name, double value) {
    if (!std::isfinite(value)) return;
    key(name);
    fmt::format_to(std::back_inserter(out_), FMT_STRING("{}"), value);
    if (out_.ends_with(".0")) out_.resize(out_.size() - 2);
  }

  /// As the view: a rate of 1, and 0 as some devices say it, leave the exact number.
  void scaled(FieldIndex field, std::uint64_t value) {
    const auto said = bits("sampling_rate"_field);
    const double rate = said ? std::bit_cast<double>(*said) : 1;
    if (rate != 0 && rate != 1 && std::isfinite(rate) && rate > 0)
      value = static_cast<std::uint64_t>(std::min(std::round(static_cast<double>(value) * rate), most_scaled));
    number(flow::fields[field].name, value);
  }

  void icmp_field(FieldIndex field, unsigned shift) {
    if (const auto said = bits(field)) return number(flow::fields[field].name, *said);
    const auto port = bits("dst_port"_field);
    const auto version = bits("export_version"_field);
    if (bits("proto"_field) == icmp && port && version && *version < first_with_icmp_fields)
      number(flow::fields[field].name, *port >> shift & 0xff);
  }

  void write_field(FieldIndex field) {
    switch (field) {
      case "exporter_hi"_field: return address("exporter", "exporter_hi"_field, "exporter_lo"_field);
      case "src_hi"_field: return address("src_addr", "src_hi"_field, "src_lo"_field);
      case "dst_hi"_field: return address("dst_addr", "dst_hi"_field, "dst_lo"_field);
      case "next_hop_hi"_field: return address("next_hop", "next_hop_hi"_field, "next_hop_lo"_field);
      case "bypassed_router_hi"_field:
        return address("bypassed_router", "bypassed_router_hi"_field, "bypassed_router_lo"_field);
      case "exporter_lo"_field:
      case "src_lo"_field:
      case "dst_lo"_field:
      case "next_hop_lo"_field:
      case "bypassed_router_lo"_field: return;
      case "icmp_type"_field: return icmp_field(field, 8);
      case "icmp_code"_field: return icmp_field(field, 0);
      default: break;
    }
    const flow::Field& description = flow::fields[field];
    if (description.type == Type::text) return write_text(field);
    const auto value = bits(field);
    if (!value) return;
    switch (description.type) {
      case Type::time_ms:
      case Type::time_us:
      case Type::time_ns: return time(field, *value);
      case Type::f64: return real(description.name, std::bit_cast<double>(*value));
      case Type::i64: {
        key(description.name);
        fmt::format_to(std::back_inserter(out_), FMT_STRING("{}"), static_cast<std::int64_t>(*value));
        return;
      }
      default: break;
    }
    if (field == "bytes"_field || field == "packets"_field) return scaled(field, *value);
    number(description.name, *value);
  }

  void write_text(FieldIndex field) {
    if (!batch_.present(field) || batch_.is_null(field, row_)) return;
    const std::string& text = batch_.texts(field)[row_];
    if (text.empty()) return;
    key(flow::fields[field].name);
    if (field == "extra"_field) {  // is a JSON object
      out_ += text;
      return;
    }
    out_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\')
        (out_ += '\\') += c;
      else if (static_cast<unsigned char>(c) < 0x20)
        fmt::format_to(std::back_inserter(out_), FMT_STRING("\\u{:04x}"), static_cast<unsigned>(c));
      else
        out_ += c;
    }
    out_ += '"';
  }

  void write_derived() {
    if (const auto bytes = bits("bytes"_field)) number("raw_bytes", *bytes);
    if (const auto packets = bits("packets"_field)) number("raw_packets", *packets);
    const auto first = bits("first_time"_field);
    const auto last = bits("last_time"_field);
    if (!first || !last) return;
    key("duration_ms");
    fmt::format_to(std::back_inserter(out_), FMT_STRING("{}"), static_cast<std::int64_t>(*last - *first));
  }

  const FlowBatch& batch_;
  std::string& out_;
  std::vector<TimeText> times_;
  std::size_t row_ = 0;
  std::size_t start_ = 0;
};

}  // namespace

void append_json_lines(const FlowBatch& batch, std::string& out) { Lines(batch, out).write(); }

flow::FieldSet json_fields() { return flow::FieldSet{}.set(); }

}  // namespace flowspan::store
