// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/functions.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/handles.hpp"

namespace flowspan::engine {
namespace {

/// An argument of a scalar function; DuckDB hands it over flat.
template <typename T>
struct Argument {
  Argument(duckdb_data_chunk chunk, idx_t index) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, index);
    data = static_cast<const T*>(duckdb_vector_get_data(vector));
    valid = duckdb_vector_get_validity(vector);
  }
  bool null(idx_t row) const { return valid != nullptr && (valid[row / 64] >> (row % 64) & 1) == 0; }

  const T* data;
  const std::uint64_t* valid;
};

void set_null(duckdb_vector output, idx_t row) {
  duckdb_vector_ensure_validity_writable(output);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
}

/// Short text goes straight into the row; DuckDB keeps longer text in a heap of its own.
void set_text(duckdb_vector output, duckdb_string_t* strings, idx_t row, std::string_view text) {
  if (text.size() > sizeof strings->value.inlined.inlined)
    return duckdb_vector_assign_string_element_len(output, row, text.data(), text.size());
  duckdb_string_t string{};
  string.value.inlined.length = static_cast<std::uint32_t>(text.size());
  std::memcpy(string.value.inlined.inlined, text.data(), text.size());
  strings[row] = string;
}

std::string_view text_of(const duckdb_string_t& string) {
  auto* no_const = const_cast<duckdb_string_t*>(&string);
  return {duckdb_string_t_data(no_const), duckdb_string_t_length(string)};
}

void addr(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  const Argument<std::uint64_t> hi(input, 0);
  const Argument<std::uint64_t> lo(input, 1);
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(output));
  std::array<char, Ip::max_text> buffer;
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (hi.null(row) || lo.null(row)) {
      set_null(output, row);
      continue;
    }
    const std::size_t length = Ip{hi.data[row], lo.data[row]}.write(buffer.data());
    set_text(output, strings, row, {buffer.data(), length});
  }
}

void subnet(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const Argument<std::uint64_t> hi(input, 0);
  const Argument<std::uint64_t> lo(input, 1);
  const Argument<std::int32_t> v4_bits(input, 2);
  const Argument<std::int32_t> v6_bits(input, 3);
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(output));
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (hi.null(row) || lo.null(row) || v4_bits.null(row) || v6_bits.null(row)) {
      set_null(output, row);
      continue;
    }
    const Ip ip{hi.data[row], lo.data[row]};
    const int bits = ip.is_v4() ? v4_bits.data[row] : v6_bits.data[row];
    const int most = ip.is_v4() ? 32 : 128;
    if (bits < 0 || bits > most) {
      const auto text = fmt::format("subnet: a network of {} bits, where an address has {}", bits, most);
      return duckdb_scalar_function_set_error(info, text.c_str());
    }
    Prefix prefix{{}, static_cast<unsigned>(bits + 128 - most)};
    prefix.address = {ip.hi & prefix.mask().hi, ip.lo & prefix.mask().lo};
    std::array<char, Ip::max_text + 4> buffer;
    char* end = buffer.data() + prefix.address.write(buffer.data());
    *end++ = '/';
    end = std::to_chars(end, buffer.data() + buffer.size(), bits).ptr;
    set_text(output, strings, row, {buffer.data(), static_cast<std::size_t>(end - buffer.data())});
  }
}

void mac(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  const Argument<std::uint64_t> number(input, 0);
  constexpr const char* hex = "0123456789abcdef";
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (number.null(row)) {
      set_null(output, row);
      continue;
    }
    std::array<char, 17> text;
    text.fill(':');
    for (unsigned i = 0; i < 6; ++i) {
      const auto byte = static_cast<unsigned>(number.data[row] >> (40 - 8 * i)) & 0xff;
      text[3 * i] = hex[byte >> 4];
      text[3 * i + 1] = hex[byte & 15];
    }
    duckdb_vector_assign_string_element_len(output, row, text.data(), text.size());
  }
}

/// A function of a text that gives one half of an address, or an error that names the text.
template <Result<std::uint64_t> (*half)(std::string_view)>
void half_of(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const Argument<duckdb_string_t> text(input, 0);
  auto* values = static_cast<std::uint64_t*>(duckdb_vector_get_data(output));
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (text.null(row)) {
      set_null(output, row);
      continue;
    }
    const auto value = half(text_of(text.data[row]));
    if (!value) return duckdb_scalar_function_set_error(info, value.error().text.c_str());
    values[row] = *value;
  }
}

Result<Ip> parse_ip(std::string_view text) {
  const auto ip = Ip::parse(text);
  if (!ip)
    return fail(fmt::format("'{}' is no IP address: write e.g. 10.0.0.1 or 2001:db8::1", text), ErrorKind::usage);
  return *ip;
}

Result<std::uint64_t> ip_hi(std::string_view text) {
  return parse_ip(text).map([](Ip ip) { return ip.hi; });
}
Result<std::uint64_t> ip_lo(std::string_view text) {
  return parse_ip(text).map([](Ip ip) { return ip.lo; });
}
Result<std::uint64_t> net_first_hi(std::string_view text) {
  return Prefix::parse(text).map([](const Prefix& net) { return net.first().hi; });
}
Result<std::uint64_t> net_first_lo(std::string_view text) {
  return Prefix::parse(text).map([](const Prefix& net) { return net.first().lo; });
}
Result<std::uint64_t> net_last_hi(std::string_view text) {
  return Prefix::parse(text).map([](const Prefix& net) { return net.last().hi; });
}
Result<std::uint64_t> net_last_lo(std::string_view text) {
  return Prefix::parse(text).map([](const Prefix& net) { return net.last().lo; });
}

struct Scalar {
  const char* name;
  std::vector<duckdb_type> arguments;
  duckdb_type result;
  duckdb_scalar_function_t function;
};

Status register_scalar(ConnectionHandle& connection, const Scalar& scalar) {
  const OwnedScalarFunction function(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), scalar.name);
  for (const duckdb_type argument : scalar.arguments)
    duckdb_scalar_function_add_parameter(function.get(), OwnedType(duckdb_create_logical_type(argument)).get());
  duckdb_scalar_function_set_return_type(function.get(), OwnedType(duckdb_create_logical_type(scalar.result)).get());
  duckdb_scalar_function_set_function(function.get(), scalar.function);
  if (duckdb_register_scalar_function(connection.connection, function.get()) == DuckDBError)
    return fail(fmt::format("DuckDB does not take the function {}", scalar.name));
  return {};
}

// A network of 64 bits or fewer says nothing of the lower half; only where it holds the upper half 0, which an absent
// IPv6 address has too, must the lower half be there. With a constant network CASE folds away.
constexpr std::string_view macros = R"(
CREATE MACRO ip(text) AS {'hi': ip_hi(text), 'lo': ip_lo(text)};
CREATE MACRO is_ip(hi, lo, text) AS hi = ip_hi(text) AND lo = ip_lo(text);
CREATE MACRO in_net(hi, lo, net) AS
  hi BETWEEN net_first_hi(net) AND net_last_hi(net) AND
  CASE WHEN net_first_hi(net) > 0 AND net_first_lo(net) = 0 AND net_last_lo(net) = 18446744073709551615 THEN true
       ELSE lo BETWEEN net_first_lo(net) AND net_last_lo(net) END;
)";

}  // namespace

Status register_functions(ConnectionHandle& connection) {
  constexpr auto text = DUCKDB_TYPE_VARCHAR;
  constexpr auto u64 = DUCKDB_TYPE_UBIGINT;
  constexpr auto i32 = DUCKDB_TYPE_INTEGER;
  const Scalar scalars[] = {
      {"addr", {u64, u64}, text, addr},
      {"subnet", {u64, u64, i32, i32}, text, subnet},
      {"mac", {u64}, text, mac},
      {"ip_hi", {text}, u64, half_of<ip_hi>},
      {"ip_lo", {text}, u64, half_of<ip_lo>},
      {"net_first_hi", {text}, u64, half_of<net_first_hi>},
      {"net_first_lo", {text}, u64, half_of<net_first_lo>},
      {"net_last_hi", {text}, u64, half_of<net_last_hi>},
      {"net_last_lo", {text}, u64, half_of<net_last_lo>},
  };
  for (const Scalar& scalar : scalars)
    if (auto done = register_scalar(connection, scalar); !done) return done;
  return connection.run(macros);
}

}  // namespace flowspan::engine
