// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "base/ip.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace flowspan {
namespace {

std::uint64_t load_be64(const unsigned char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Ip> Ip::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> buffer{};
  if (text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  text.copy(buffer.data(), text.size());
  std::array<unsigned char, 16> raw{};
  if (inet_pton(AF_INET, buffer.data(), raw.data()) == 1)
    return v4(static_cast<std::uint32_t>(load_be64(raw.data()) >> 32));
  if (inet_pton(AF_INET6, buffer.data(), raw.data()) == 1) return Ip{load_be64(raw.data()), load_be64(raw.data() + 8)};
  return std::nullopt;
}

Result<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto ip = Ip::parse(text.substr(0, slash));
  const auto bad = [&] {
    return fail("'" + std::string(text) + "' is no network: write an address or ADDRESS/BITS, e.g. 10.0.0.0/8",
                ErrorKind::usage);
  };
  if (!ip) return bad();
  const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  const unsigned family_bits = dotted ? 32 : 128;
  unsigned bits = family_bits;
  if (slash != std::string_view::npos) {
    const auto given = parse_number<unsigned>(text.substr(slash + 1));
    if (!given || *given > family_bits) return bad();
    bits = *given;
  }
  Prefix prefix{*ip, bits + 128 - family_bits};
  prefix.address = {ip->hi & prefix.mask().hi, ip->lo & prefix.mask().lo};
  return prefix;
}

std::string Prefix::to_string() const {
  const bool v4 = address.is_v4() && length >= 96;
  return address.to_string() + "/" + std::to_string(v4 ? length - 96 : length);
}

Result<Endpoint> Endpoint::parse(std::string_view text, std::optional<Ip> default_host) {
  const auto bad = [&] {
    return fail("'" + std::string(text) + "' is no HOST:PORT: write e.g. 127.0.0.1:2055 or [::1]:2055",
                ErrorKind::usage);
  };
  std::string_view host;
  std::string_view port = text;
  if (text.starts_with('[')) {
    const auto close = text.find("]:");
    if (close == std::string_view::npos) return bad();
    host = text.substr(1, close - 1);
    port = text.substr(close + 2);
  } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.find(':') != std::string_view::npos) return bad();  // an IPv6 address needs its brackets
  }
  const auto number = parse_number<std::uint16_t>(port);
  const auto ip = host.empty() ? default_host : Ip::parse(host == "localhost" ? "127.0.0.1" : host);
  if (!number || !ip) return bad();
  return Endpoint{*ip, *number};
}

std::string Endpoint::to_string() const {
  const std::string host = ip.to_string();
  return (ip.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

}  // namespace flowspan
