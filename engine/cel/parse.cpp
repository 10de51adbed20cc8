#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "engine/cel/lex.hpp"
#include "engine/cel/macros.hpp"

namespace assay::cel {
namespace {

struct Operator {
  TokenKind token;
  int precedence;  // higher binds tighter
  std::string_view function;
};
constexpr std::array<Operator, 12> operators{{
    {TokenKind::less, 1, "_<_"},
    {TokenKind::less_equal, 1, "_<=_"},
    {TokenKind::greater, 1, "_>_"},
    {TokenKind::greater_equal, 1, "_>=_"},
    {TokenKind::equal, 1, "_==_"},
    {TokenKind::not_equal, 1, "_!=_"},
    {TokenKind::keyword_in, 1, "@in"},
    {TokenKind::plus, 2, "_+_"},
    {TokenKind::minus, 2, "_-_"},
    {TokenKind::star, 3, "_*_"},
    {TokenKind::slash, 3, "_/_"},
    {TokenKind::percent, 3, "_%_"},
}};
const Operator* operator_of(TokenKind token) {
  for (const Operator& op : operators) {
    if (op.token == token) return &op;
  }
  return nullptr;
}

// Recursive descent with one token of look-ahead (a message's name needs more). A null node means that
// an issue was reported; parsing stops at the first syntax error.
//
// INVARIANT: `depth_of(node)` <= limits.depth for every node, so that whoever walks the tree by recursion
// is safe. Expanding a macro adds a constant to the depth of what it replaces.
class Parser {
 public:
  Parser(Ast& ast, std::vector<Token> tokens, std::vector<Issue>& issues, const ParseLimits& limits)
      : ast_(ast), build_(ast), text_(ast.text), tokens_(std::move(tokens)), issues_(issues), limits_(limits) {}

  Expr* run() {
    Expr* root = expression();
    if (root && !is(TokenKind::end)) return unexpected("an operator or the end of the expression");
    return root;
  }

 private:
  const Token& token(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool is(TokenKind kind) const { return token().kind == kind; }
  Token take() {
    const Token taken = token();
    if (at_ + 1 < tokens_.size()) ++at_;
    return taken;
  }
  bool take(TokenKind kind) {
    if (!is(kind)) return false;
    take();
    return true;
  }
  std::string_view text(const Token& t) const { return text_.substr(t.range.begin, t.range.end - t.range.begin); }

  std::nullptr_t fail(TextRange range, std::string message) {
    issues_.push_back({range, std::move(message)});
    return nullptr;
  }
  std::nullptr_t unexpected(std::string_view wanted) {
    if (is(TokenKind::end)) {
      // The caret stands behind the last character that means something.
      const std::uint32_t end = at_ > 0 ? tokens_[at_ - 1].range.end : 0;
      return fail({end, end}, ast_.text.find_first_not_of(" \t\r\n") == std::string::npos
                                  ? "the expression is empty, write one"
                                  : "the expression ends here, expected " + std::string(wanted));
    }
    // Words of other languages, as an operator and as the name before a value.
    static constexpr std::array<std::array<std::string_view, 2>, 3> foreign{
        {{"and", "&&"}, {"or", "||"}, {"not", "!"}}};
    for (const std::size_t place : {at_, at_ > 0 ? at_ - 1 : 0}) {
      const Token* word = &tokens_[place];
      if (word->kind != TokenKind::identifier) continue;
      for (const auto& [name, symbol] : foreign) {
        if (text(*word) == name)
          return fail(word->range, "`" + std::string(name) + "` is no operator, write `" + std::string(symbol) + "`");
      }
    }
    return fail(token().range, "unexpected `" + std::string(text(token())) + "`, expected " + std::string(wanted));
  }
  std::nullptr_t too_deep(TextRange range) {
    return fail(range, "nested more than " + std::to_string(limits_.depth) + " deep, split the expression");
  }

  std::uint32_t depth_of(const Expr* expr) const {
    return expr && expr->id <= depths_.size() ? depths_[expr->id - 1] : 0;
  }
  void set_depth(const Expr* expr, std::uint32_t depth) {
    if (depths_.size() < expr->id) depths_.resize(expr->id, 0);
    depths_[expr->id - 1] = depth;
  }
  template <class Node>
  Expr* node(Node made, TextRange range, std::uint32_t at, std::uint32_t depth) {
    if (depth > limits_.depth) return too_deep(range);
    Expr* expr = build_.add(std::move(made), range, at);
    set_depth(expr, depth);
    return expr;
  }
  static TextRange join(const Expr* left, const Expr* right) { return {left->range.begin, right->range.end}; }

  Expr* call_of(std::string_view function, std::vector<Expr*> args, TextRange range, std::uint32_t at) {
    std::uint32_t depth = 0;
    for (const Expr* arg : args) depth = std::max(depth, depth_of(arg));
    return node(Call{std::string(function), nullptr, std::move(args)}, range, at, depth + 1);
  }

  // expr = or [ "?" or ":" expr ]
  Expr* expression() {
    if (nesting_ >= limits_.depth) return too_deep(token().range);
    ++nesting_;
    Expr* made = conditional();
    --nesting_;
    return made;
  }
  Expr* conditional() {
    Expr* condition = logical<TokenKind::logical_or>();
    if (!condition || !is(TokenKind::question)) return condition;
    const std::uint32_t at = take().range.begin;
    Expr* yes = logical<TokenKind::logical_or>();
    if (!yes) return nullptr;
    if (!take(TokenKind::colon)) return unexpected("`:` of the conditional");
    Expr* no = expression();
    return no ? call_of("_?_:_", {condition, yes, no}, join(condition, no), at) : nullptr;
  }

  // A chain of && or || becomes a balanced tree: its depth is the logarithm of its length.
  template <TokenKind kind>
  Expr* logical() {
    constexpr bool is_or = kind == TokenKind::logical_or;
    const auto term = [&]() -> Expr* {
      if constexpr (is_or) {
        return logical<TokenKind::logical_and>();
      } else {
        return binary(1);
      }
    };
    Expr* first = term();
    if (!first || !is(kind)) return first;
    std::vector<Expr*> terms{first};
    std::vector<std::uint32_t> places;
    while (is(kind)) {
      places.push_back(take().range.begin);
      Expr* next = term();
      if (!next) return nullptr;
      terms.push_back(next);
    }
    return balance(is_or ? "_||_" : "_&&_", terms, places, 0, places.size() - 1);
  }
  Expr* balance(std::string_view function, const std::vector<Expr*>& terms, const std::vector<std::uint32_t>& places,
                std::size_t low, std::size_t high) {
    const std::size_t middle = (low + high + 1) / 2;
    Expr* left = middle == low ? terms[middle] : balance(function, terms, places, low, middle - 1);
    Expr* right = middle == high ? terms[middle + 1] : balance(function, terms, places, middle + 1, high);
    if (!left || !right) return nullptr;
    return call_of(function, {left, right}, join(left, right), places[middle]);
  }

  // Relations, sums and products by precedence; all associate to the left.
  Expr* binary(int precedence) {
    Expr* left = unary();
    while (left) {
      const Operator* op = operator_of(token().kind);
      if (!op || op->precedence < precedence) return left;
      const std::uint32_t at = take().range.begin;
      Expr* right = binary(op->precedence + 1);
      if (!right) return nullptr;
      left = call_of(op->function, {left, right}, join(left, right), at);
    }
    return nullptr;
  }

  // unary = member | "!" { "!" } member | "-" { "-" } member; an even number of signs cancels out.
  Expr* unary() {
    const TokenKind sign = token().kind;
    if (sign != TokenKind::exclamation && sign != TokenKind::minus) return member(nullptr);
    const std::uint32_t begin = token().range.begin;
    std::size_t count = 0;
    Token last;
    while (is(sign)) {
      last = take();
      ++count;
    }
    const bool number = is(TokenKind::integer) || is(TokenKind::floating);
    // The sign belongs to the literal: the least int has no positive counterpart.
    if (sign == TokenKind::minus && number && count % 2 == 1) return member(&last);
    if (is(TokenKind::exclamation) || is(TokenKind::minus))
      return unexpected("a value, put parentheses around the inner operator");
    Expr* operand = member(nullptr);
    if (!operand || count % 2 == 0) return operand;
    return call_of(sign == TokenKind::minus ? "-_" : "!_", {operand}, {begin, operand->range.end}, begin);
  }

  // member = primary { "." ["?"] field | "." name "(" args ")" | "[" ["?"] expr "]" }
  Expr* member(const Token* minus) {
    Expr* operand = primary(minus);
    while (operand) {
      if (is(TokenKind::dot)) {
        operand = selection(operand);
      } else if (is(TokenKind::left_bracket)) {
        operand = indexing(operand);
      } else if (is(TokenKind::left_brace) && std::holds_alternative<Select>(operand->node)) {
        return unexpected("an operator; only a type's plain name may stand before `{`");
      } else {
        return operand;
      }
    }
    return nullptr;
  }

  Expr* selection(Expr* operand) {
    take();
    const bool optional = take(TokenKind::question);
    if (!is(TokenKind::identifier) && !is(TokenKind::quoted_identifier)) {
      return unexpected(is_word() ? "a field's name; write a reserved word between backticks" : "a field's name");
    }
    const Token name = take();
    if (!optional && name.kind == TokenKind::identifier && is(TokenKind::left_parenthesis)) {
      return call(operand, std::string(text(name)), name.range.begin, operand->range.begin);
    }
    std::string field(text(name));
    if (name.kind == TokenKind::quoted_identifier) field = field.substr(1, field.size() - 2);
    return node(Select{operand, std::move(field), false, optional}, {operand->range.begin, name.range.end},
                name.range.begin, depth_of(operand) + 1);
  }
  bool is_word() const {
    return is(TokenKind::keyword_in) || is(TokenKind::keyword_true) || is(TokenKind::keyword_false) ||
           is(TokenKind::keyword_null);
  }

  Expr* indexing(Expr* operand) {
    const std::uint32_t at = take().range.begin;
    const bool optional = take(TokenKind::question);
    Expr* index = expression();
    if (!index) return nullptr;
    if (!is(TokenKind::right_bracket)) return unexpected("`]`");
    const std::uint32_t end = take().range.end;
    return call_of(optional ? "_[?_]" : "_[_]", {operand, index}, {operand->range.begin, end}, at);
  }

  // The arguments and, where there is one, the macro's expansion. The name was taken.
  Expr* call(Expr* target, std::string function, std::uint32_t at, std::uint32_t begin) {
    take();
    std::vector<Expr*> args;
    if (!is(TokenKind::right_parenthesis)) {
      do {
        Expr* arg = expression();
        if (!arg) return nullptr;
        args.push_back(arg);
      } while (take(TokenKind::comma));
    }
    if (!is(TokenKind::right_parenthesis)) return unexpected("`,` or `)`");
    const TextRange range{begin, take().range.end};
    std::uint32_t depth = depth_of(target);
    for (const Expr* arg : args) depth = std::max(depth, depth_of(arg));
    ++depth;
    if (depth > limits_.depth) return too_deep(range);

    const std::size_t issues_before = issues_.size();
    MacroContext context{build_, issues_, range, at, function};
    Expr* made = expand(context, target, args, limits_);
    if (issues_.size() != issues_before) return nullptr;
    if (made) {
      set_depth(made, depth);
      return made;
    }
    return node(Call{std::move(function), target, std::move(args)}, range, at, depth);
  }

  Expr* primary(const Token* minus) {
    const Token first = token();
    switch (first.kind) {
      case TokenKind::identifier:
        return named();
      case TokenKind::dot:
        if (token(1).kind != TokenKind::identifier) {
          take();
          return unexpected("a name");
        }
        return named();
      case TokenKind::left_parenthesis: {
        take();
        Expr* inner = expression();
        if (!inner) return nullptr;
        if (!take(TokenKind::right_parenthesis)) return unexpected("`)`");
        return inner;
      }
      case TokenKind::left_bracket:
        return list();
      case TokenKind::left_brace:
        return map();
      case TokenKind::integer:
      case TokenKind::unsigned_integer:
      case TokenKind::floating:
        return number(minus);
      case TokenKind::string:
      case TokenKind::bytes:
        return quoted();
      case TokenKind::keyword_true:
      case TokenKind::keyword_false: {
        take();
        Constant constant;
        constant.value = first.kind == TokenKind::keyword_true;
        return node(std::move(constant), first.range, first.range.begin, 1);
      }
      case TokenKind::keyword_null:
        take();
        return node(Constant{}, first.range, first.range.begin, 1);
      case TokenKind::quoted_identifier:
        return fail(first.range, "a name between backticks may only stand for a field, behind a `.`");
      case TokenKind::end:
      case TokenKind::keyword_in:
      case TokenKind::equal:
      case TokenKind::not_equal:
      case TokenKind::less:
      case TokenKind::less_equal:
      case TokenKind::greater:
      case TokenKind::greater_equal:
      case TokenKind::logical_and:
      case TokenKind::logical_or:
      case TokenKind::right_bracket:
      case TokenKind::right_brace:
      case TokenKind::right_parenthesis:
      case TokenKind::comma:
      case TokenKind::minus:
      case TokenKind::exclamation:
      case TokenKind::question:
      case TokenKind::colon:
      case TokenKind::plus:
      case TokenKind::star:
      case TokenKind::slash:
      case TokenKind::percent:
        break;
    }
    return unexpected("a value");
  }

  // A variable, a function's call or a message: [.]name, [.]name(args), [.]a.b.Name{field: value}
  Expr* named() {
    const std::uint32_t begin = token().range.begin;
    // A message's name reaches up to its brace.
    std::size_t ahead = is(TokenKind::dot) ? 1 : 0;
    while (token(ahead).kind == TokenKind::identifier && token(ahead + 1).kind == TokenKind::dot &&
           token(ahead + 2).kind == TokenKind::identifier) {
      ahead += 2;
    }
    if (token(ahead + 1).kind == TokenKind::left_brace) return message(ahead);

    std::string name;
    if (take(TokenKind::dot)) name = ".";
    const Token word = take();
    if (is_reserved(text(word))) {
      return fail(word.range, "`" + std::string(text(word)) + "` is a reserved word, choose another name");
    }
    name += text(word);
    if (is(TokenKind::left_parenthesis)) return call(nullptr, std::move(name), word.range.begin, begin);
    return node(Ident{std::move(name)}, {begin, word.range.end}, word.range.begin, 1);
  }

  Expr* message(std::size_t name_tokens) {
    const std::uint32_t begin = token().range.begin;
    CreateStruct made;
    for (std::size_t i = 0; i <= name_tokens; ++i) made.message_name += text(take());
    take();
    std::uint32_t depth = 0;
    while (!is(TokenKind::right_brace)) {
      if (made.items.empty() && is(TokenKind::comma)) break;
      CreateStruct::Item item;
      item.range.begin = token().range.begin;
      item.optional = take(TokenKind::question);
      if (!is(TokenKind::identifier) && !is(TokenKind::quoted_identifier)) return unexpected("a field's name or `}`");
      const Token name = take();
      item.field = text(name);
      if (name.kind == TokenKind::quoted_identifier) item.field = item.field.substr(1, item.field.size() - 2);
      item.range.end = name.range.end;
      if (!take(TokenKind::colon)) return unexpected("`:` behind the field's name");
      item.value = expression();
      if (!item.value) return nullptr;
      depth = std::max(depth, depth_of(item.value));
      made.items.push_back(std::move(item));
      if (!is(TokenKind::comma)) break;
      take();
    }
    take(TokenKind::comma);
    if (!is(TokenKind::right_brace)) return unexpected("`,` or `}`");
    const std::uint32_t end = take().range.end;
    return node(std::move(made), {begin, end}, begin, depth + 1);
  }

  Expr* list() {
    const std::uint32_t begin = take().range.begin;
    CreateList made;
    std::uint32_t depth = 0;
    while (!is(TokenKind::right_bracket)) {
      if (made.elements.empty() && is(TokenKind::comma)) break;
      if (take(TokenKind::question)) made.optional_indices.push_back(static_cast<std::uint32_t>(made.elements.size()));
      Expr* element = expression();
      if (!element) return nullptr;
      depth = std::max(depth, depth_of(element));
      made.elements.push_back(element);
      if (!is(TokenKind::comma)) break;
      take();
    }
    take(TokenKind::comma);
    if (!is(TokenKind::right_bracket)) return unexpected("`,` or `]`");
    const std::uint32_t end = take().range.end;
    return node(std::move(made), {begin, end}, begin, depth + 1);
  }

  Expr* map() {
    const std::uint32_t begin = take().range.begin;
    CreateStruct made;
    std::uint32_t depth = 0;
    while (!is(TokenKind::right_brace)) {
      if (made.items.empty() && is(TokenKind::comma)) break;
      CreateStruct::Item item;
      item.range.begin = token().range.begin;
      item.optional = take(TokenKind::question);
      item.key = expression();
      if (!item.key) return nullptr;
      item.range.end = item.key->range.end;
      if (!take(TokenKind::colon)) return unexpected("`:` behind the key");
      item.value = expression();
      if (!item.value) return nullptr;
      depth = std::max({depth, depth_of(item.key), depth_of(item.value)});
      made.items.push_back(std::move(item));
      if (!is(TokenKind::comma)) break;
      take();
    }
    take(TokenKind::comma);
    if (!is(TokenKind::right_brace)) return unexpected("`,` or `}`");
    const std::uint32_t end = take().range.end;
    return node(std::move(made), {begin, end}, begin, depth + 1);
  }

  Expr* number(const Token* minus) {
    const Token literal = take();
    const TextRange range{minus ? minus->range.begin : literal.range.begin, literal.range.end};
    std::string digits(text(literal));
    Constant constant;
    if (literal.kind == TokenKind::floating) {
      if (minus) digits.insert(0, 1, '-');
      double value = 0;
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      // Too small becomes 0, as everywhere; too large is a mistake.
      if (read.ec == std::errc::result_out_of_range) value = std::strtod(digits.c_str(), nullptr);
      if (std::isinf(value)) return fail(range, "`" + digits + "` is beyond the range of a double");
      constant.value = value;
      return node(std::move(constant), range, range.begin, 1);
    }
    const bool is_unsigned = literal.kind == TokenKind::unsigned_integer;
    if (is_unsigned) digits.pop_back();
    const bool hex = digits.starts_with("0x");
    std::uint64_t value = 0;
    const auto read =
        std::from_chars(digits.data() + (hex ? 2 : 0), digits.data() + digits.size(), value, hex ? 16 : 10);
    const std::uint64_t limit = is_unsigned ? UINT64_MAX : static_cast<std::uint64_t>(INT64_MAX) + (minus ? 1 : 0);
    if (read.ec != std::errc() || value > limit) {
      return fail(range, "`" + (minus ? "-" + digits : digits) + "` is beyond the range of " +
                             (is_unsigned                        ? "a uint"
                              : !minus && read.ec == std::errc() ? "an int, write `" + digits + "u` for a uint"
                                                                 : "an int"));
    }
    if (is_unsigned) {
      constant.value = value;
    } else {
      constant.value = static_cast<std::int64_t>(minus ? 0 - value : value);
    }
    return node(std::move(constant), range, range.begin, 1);
  }

  Expr* quoted() {
    const Token literal = take();
    std::string value;
    if (!unquote(text_, literal, value, issues_)) return nullptr;
    Constant constant;
    if (literal.kind == TokenKind::bytes) {
      constant.value = std::vector<std::uint8_t>(value.begin(), value.end());
    } else {
      constant.value = std::move(value);
    }
    return node(std::move(constant), literal.range, literal.range.begin, 1);
  }

  Ast& ast_;
  AstBuilder build_;
  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<Issue>& issues_;
  const ParseLimits& limits_;
  std::size_t at_ = 0;
  std::uint32_t nesting_ = 0;
  std::vector<std::uint32_t> depths_;  // by id; 0 where a macro made the node
};

}  // namespace

std::unique_ptr<Ast> parse(std::string_view text, std::vector<Issue>& issues, const ParseLimits& limits) {
  const auto points = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  if (points > limits.size) {
    issues.push_back({{0, 0},
                      "the expression has " + std::to_string(points) + " characters, more than the limit of " +
                          std::to_string(limits.size) + "; split it"});
    return nullptr;
  }
  auto ast = std::make_unique<Ast>();
  ast->text = text;
  const std::size_t issues_before = issues.size();
  std::vector<Token> tokens = lex(ast->text, issues);
  if (issues.size() != issues_before) return nullptr;
  ast->root = Parser(*ast, std::move(tokens), issues, limits).run();
  return ast->root ? std::move(ast) : nullptr;
}

}  // namespace assay::cel
