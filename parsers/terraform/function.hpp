// How the built-in functions are written: a table of {name, signature, function}. The caller converts the
// arguments, deals with null, unknown and sensitive ones as the signature says, and gives the result its
// place; a function computes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/hcl/ast.hpp"
#include "parsers/terraform/scope.hpp"
#include "parsers/terraform/typed.hpp"

namespace assay::terraform {

// One call under way. Arguments have the types of the signature.
struct Call {
  std::string_view name;
  std::span<Typed> args;
  Scope& scope;
  Arena& arena;
  Span span;
  const Type* returns = nullptr;
  Diagnostics& diagnostics;
  std::string error;  // set by `fail`
  int wrong = -1;     // the argument that is at fault

  Typed fail(std::string text, int argument = -1) {
    error = std::move(text);
    wrong = argument;
    return {};
  }
  std::string_view text(std::size_t i) const { return args[i].value.as_string(); }
  // A whole number within int64; fails otherwise.
  bool integer(std::size_t i, std::int64_t& out);

  // Results. They stand nowhere yet.
  Typed string(std::string_view text);  // copied, in Unicode's normal form C
  Typed view(std::string_view text) { return {arena.string(text, {}), string_type()}; }  // lives as long as the arena
  Typed integer(std::int64_t number) { return {arena.integer(number, {}), number_type()}; }
  Typed boolean(bool yes) { return {arena.boolean(yes, {}), bool_type()}; }
  Typed null(const Type* type) { return {arena.null({}), type}; }
  Typed unknown(const Type* type, std::string_view reason) { return unknown_of(type, {}, reason, {}, arena); }
  Typed list(std::span<const Value> items, const Type* element) { return {arena.list(items, {}), list_type(element)}; }
  Typed strings(const std::vector<std::string>& texts);
  Typed tuple(std::span<const Typed> items);
  Typed object(std::vector<std::pair<std::string_view, Typed>> members);  // names are copied
  // An unknown that comes from the first argument with something unknown in it.
  Typed unknown_argument(const Type* type);
  bool any_unknown() const;
};

using Implementation = Typed (*)(Call&);

// `signature`: parameters separated by spaces, each NAME:TYPE and flags; the last may end in `...`.
// TYPE: s n b a (string, number, bool, any), l S m before another (list, set, map of it).
// Flags: 0 null is allowed, ? unknown is allowed, ! sensitive arguments come as they are (else: the result
// is sensitive when an argument, or something in it, is).
// `result` in the same letters: the type of an unknown result.
struct Function {
  std::string_view name;
  std::string_view signature;
  std::string_view result;
  Implementation implementation;
};

// One table a file.
std::span<const Function> number_functions();
std::span<const Function> string_functions();
std::span<const Function> format_functions();
std::span<const Function> collection_functions();
std::span<const Function> set_functions();
std::span<const Function> conversion_functions();
std::span<const Function> encoding_functions();
std::span<const Function> hash_functions();
std::span<const Function> time_functions();
std::span<const Function> network_functions();
std::span<const Function> file_functions();
std::span<const Function> provider_functions();

// --- calling them ---

struct Parameter {
  std::string_view name;
  const Type* type = nullptr;
  bool null = false, unknown = false, sensitive = false;
};
struct Prepared {
  const Function* function = nullptr;
  std::vector<Parameter> parameters;
  bool variadic = false;  // the last parameter takes all further arguments
  const Type* result = nullptr;
};
// Null: no such function. `core::NAME` is the same as NAME.
const Prepared* find_function(std::string_view name);

// Calls a function on evaluated arguments: everything but the result's place. No value: `call.error`.
Typed call_function(const Prepared& prepared, Call& call);

}  // namespace assay::terraform
