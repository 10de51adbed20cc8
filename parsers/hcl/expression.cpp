// Expressions: operators by precedence, traversals, calls, collections.
#include "parsers/hcl/number.hpp"
#include "parsers/hcl/parser.hpp"

namespace assay::hcl {
namespace {

Span join(Span first, Span last) { return {first.source, first.begin, last.end}; }

struct Precedence {
  int level = 0;  // 0: no operator
  Operator op = Operator::none;
};

Precedence precedence(Token token) {
  switch (token) {
    case Token::or_: return {1, Operator::or_};
    case Token::and_: return {2, Operator::and_};
    case Token::equal: return {3, Operator::equal};
    case Token::not_equal: return {3, Operator::not_equal};
    case Token::less: return {4, Operator::less};
    case Token::less_equal: return {4, Operator::less_equal};
    case Token::greater: return {4, Operator::greater};
    case Token::greater_equal: return {4, Operator::greater_equal};
    case Token::plus: return {5, Operator::add};
    case Token::minus: return {5, Operator::subtract};
    case Token::star: return {6, Operator::multiply};
    case Token::slash: return {6, Operator::divide};
    case Token::percent: return {6, Operator::modulo};
    default: return {};  // every other token
  }
}

}  // namespace

const Expression* Parser::whole_expression() {
  const Newlines mode(*this, true);
  const Expression* out = expression();
  if (!failed_ && !next_is(Token::end)) fail_here("the expression should end");
  return out;
}

const Expression* Parser::expression() {
  const Level level(*this);
  if (level_ > max_level)
    return fail(span(peek()), "this expression is nested too deeply: at most " + std::to_string(max_depth) + " levels are read; split it into locals");
  const Expression* condition = binary(1);
  if (!next_is(Token::question)) return condition;
  take();
  const Expression* then = expression();
  if (!next_is(Token::colon)) {
    fail_here("a condition goes on with `:` and the value for false");
    return condition;
  }
  take();
  const Expression* otherwise = expression();
  return compose(Kind::conditional, join(condition->span, otherwise->span), {condition, then, otherwise});
}

const Expression* Parser::binary(int least) {
  const Expression* left = operand();
  for (;;) {
    const Precedence next = precedence(peek().token);
    if (next.level < least || next.level == 0) return left;
    take();
    const Expression* right = binary(next.level + 1);
    Expression* node = compose(Kind::binary, join(left->span, right->span), {left, right});
    node->op = next.op;
    left = node;
  }
}

const Expression* Parser::operand() {
  const Level level(*this);
  if (level_ > max_level) return fail(span(peek()), "this expression is nested too deeply");
  return traversals(term());
}

const Expression* Parser::term() {
  const Lexeme first = peek();
  switch (first.token) {
    case Token::open_paren: {
      take();
      const Bracket bracket(*this);
      const Newlines mode(*this, true);
      const Expression* inner = expression();
      if (!next_is(Token::close_paren)) {
        fail_here("the `(` above is to be closed with `)`");
        return inner;
      }
      take();
      return compose(Kind::parentheses, span(first.begin, at_), {inner});
    }
    case Token::number:
      take();
      return number(first);
    case Token::name: {
      take();
      if (next_is(Token::open_paren) || next_is(Token::double_colon)) return call(first);
      const std::string_view name = view(first);
      if (name == "true" || name == "false") {
        Expression* node = make(Kind::boolean, span(first));
        node->flag = name == "true";
        return node;
      }
      if (name == "null") return make(Kind::null, span(first));
      Expression* node = make(Kind::variable, span(first));
      node->text = name;
      return node;
    }
    case Token::quote: return quoted();
    case Token::heredoc: return heredoc();
    case Token::minus: case Token::not_: {
      take();
      const Expression* inner = operand();
      Expression* node = compose(Kind::unary, join(span(first), inner->span), {inner});
      node->op = first.token == Token::minus ? Operator::negate : Operator::not_;
      return node;
    }
    case Token::open_bracket: return tuple();
    case Token::open_brace: return object();
    default: return fail_here("a value should");
  }
}

const Expression* Parser::number(const Lexeme& lexeme) {
  Number value = read_number(view(lexeme));
  if (!value.error.empty()) {
    report(span(lexeme), value.error);
    return make(Kind::bad, span(lexeme));
  }
  Expression* node = make(Kind::number, span(lexeme));
  node->text = value.text == view(lexeme) ? view(lexeme) : keep(std::move(value.text));
  return node;
}

// ---- traversals ----

const Expression* Parser::traversals(const Expression* base) {
  for (;;) {
    if (next_is(Token::open_bracket)) {
      base = bracketed(base);
      continue;
    }
    if (!next_is(Token::dot)) return base;
    const Lexeme dot = take();
    const Lexeme next = peek();
    switch (next.token) {
      case Token::name:
        take();
        base = step(base, next);
        break;
      case Token::number:
        take();
        base = legacy_index(base, next);
        break;
      case Token::star:
        take();
        base = attribute_splat(base, dot);
        break;
      default:
        fail_here("the name of an attribute must follow a dot");
        return make(Kind::bad, join(base->span, span(dot)));
    }
  }
}

const Expression* Parser::step(const Expression* base, const Lexeme& name) {
  Expression* node = compose(Kind::attribute, join(base->span, span(name)), {base});
  node->text = view(name);
  node->name_span = span(name);
  return node;
}

// `list.0`, an index as it was once written.
const Expression* Parser::legacy_index(const Expression* base, const Lexeme& lexeme) {
  const std::string_view digits = view(lexeme);
  if (const auto dot = digits.find('.'); dot != std::string_view::npos)
    return fail(span(lexeme), "two indexes in a row are not read in this form: write `[" + std::string(digits.substr(0, dot)) + "][" +
                                  std::string(digits.substr(dot + 1)) + "]`");
  return compose(Kind::index, join(base->span, span(lexeme)), {base, number(lexeme)});
}

// `.*`, and the attributes and legacy indexes after it.
const Expression* Parser::attribute_splat(const Expression* base, const Lexeme& dot) {
  const Span marker = span(dot.begin, at_);
  const Expression* each = make(Kind::item, marker);
  while (next_is(Token::dot)) {
    take();
    const Lexeme next = peek();
    if (next.token == Token::name) {
      take();
      each = step(each, next);
    } else if (next.token == Token::number) {
      take();
      each = legacy_index(each, next);
    } else if (next.token == Token::star) {
      return fail(span(next), "`.*` cannot stand after another `.*`: write `[*]` for both");
    } else {
      return fail_here("the name of an attribute must follow a dot");
    }
  }
  return compose(Kind::splat, join(base->span, each->span), {base, each});
}

const Expression* Parser::bracketed(const Expression* base) {
  const Level level(*this);
  if (level_ > max_level) return fail(span(peek()), "this expression is nested too deeply");
  const Lexeme open = take();
  const Bracket bracket(*this);
  if (next_is(Token::star)) {
    take();
    if (!expect(Token::close_bracket, "a `]` must follow the `*` at once: `[*]`")) return base;
    --open_;
    const Expression* each = traversals(make(Kind::item, span(open.begin, at_)));
    ++open_;
    Expression* node = compose(Kind::splat, join(base->span, each->span), {base, each});
    node->flag = true;
    return node;
  }
  std::uint32_t end = 0;
  const Expression* key = nullptr;
  {
    const Newlines mode(*this, true);
    key = expression();
    if (!next_is(Token::close_bracket)) {
      fail_here("the index's `[` is to be closed with `]`");
      return base;
    }
    end = take().end;
  }
  return compose(Kind::index, join(base->span, span(open.begin, end)), {base, key});
}

// ---- calls and collections ----

const Expression* Parser::call(const Lexeme& name) {
  std::uint32_t name_end = name.end;
  std::string joined;
  while (next_is(Token::double_colon)) {
    if (joined.empty()) joined = view(name);
    take();
    if (!next_is(Token::name)) return fail_here("the name of a function must follow `::`");
    const Lexeme next = take();
    name_end = next.end;
    joined += "::";
    joined += view(next);
  }
  if (!next_is(Token::open_paren)) return fail_here("the `(` of a call must follow `" + joined + "`");
  take();
  const Bracket bracket(*this);
  const Newlines mode(*this, true);
  Parts arguments(*this);
  bool expands = false;
  while (!next_is(Token::close_paren)) {
    arguments.add(expression());
    if (next_is(Token::ellipsis)) {
      take();
      expands = true;
      if (!next_is(Token::close_paren)) return fail_here("an argument with `...` is the last: `)` must follow");
    } else if (next_is(Token::comma)) {
      take();
    } else if (!next_is(Token::close_paren)) {
      return fail_here("a `,` before the next argument, or the call's `)`, should");
    }
  }
  take();
  Expression* node = compose(Kind::call, span(name.begin, at_), arguments.all());
  node->text = joined.empty() ? view(name) : keep(std::move(joined));
  node->name_span = span(name.begin, name_end);
  node->flag = expands;
  return node;
}

const Expression* Parser::tuple() {
  const Lexeme open = take();
  const Bracket bracket(*this);
  const Newlines mode(*this, true);
  if (next_is_word("for")) return for_expression(open, false);
  Parts items(*this);
  while (!next_is(Token::close_bracket)) {
    items.add(expression());
    if (next_is(Token::comma)) take();
    else if (!next_is(Token::close_bracket)) return fail_here("a `,` before the next item, or the list's `]`, should");
  }
  take();
  return compose(Kind::tuple, span(open.begin, at_), items.all());
}

const Expression* Parser::object() {
  const Lexeme open = take();
  const Bracket bracket(*this);
  {
    const Newlines mode(*this, true);
    if (next_is_word("for")) return for_expression(open, true);
  }
  const Newlines mode(*this, false);
  Parts items(*this);
  for (;;) {
    while (next_is(Token::newline)) take();
    if (next_is(Token::close_brace)) break;
    items.add(object_key());
    if (!next_is(Token::assign) && !next_is(Token::colon))
      return fail_here(next_is(Token::name) ? "`=` and a value must follow the key; a key with dots or blanks is written in quotes"
                                            : "`=` and a value must follow the key");
    take();
    items.add(expression());
    if (next_is(Token::close_brace)) break;
    if (!next_is(Token::comma) && !next_is(Token::newline)) return fail_here("a newline or `,` before the next key, or the object's `}`, should");
    take();
  }
  take();
  return compose(Kind::object, span(open.begin, at_), items.all());
}

// A bare name is the key itself; what refers to something needs parentheses.
const Expression* Parser::object_key() {
  const bool parentheses = next_is(Token::open_paren);
  const Expression* key = expression();
  if (parentheses || failed_) return key;
  switch (key->kind) {
    case Kind::variable: case Kind::boolean: case Kind::null: {
      Expression* node = make(Kind::text, key->span);
      node->text = key->kind == Kind::variable ? key->text : key->kind == Kind::null ? "null" : key->flag ? "true" : "false";
      return node;
    }
    case Kind::attribute: case Kind::index: {
      const Expression* root = key;
      while (root->kind == Kind::attribute || (root->kind == Kind::index && root->parts[1]->kind != Kind::bad)) root = root->parts[0];
      if (root->kind == Kind::variable)
        report(key->span, "this key is ambiguous: write `(…)` around it for its value, or quotes for the text");
      return key;
    }
    default:
      return key;  // any other expression is computed
  }
}

// After `for`: `value in`, or `key, value in`.
bool Parser::for_names(std::string_view& key, std::string_view& value) {
  if (!next_is(Token::name)) {
    fail_here("the name of a variable must follow `for`");
    return false;
  }
  value = view(take());
  if (next_is(Token::comma)) {
    take();
    key = value;
    if (!next_is(Token::name)) {
      fail_here("the name of a variable for the value must follow the comma");
      return false;
    }
    value = view(take());
  }
  if (!next_is_word("in")) {
    fail_here("`in` and a collection must follow the names of `for`");
    return false;
  }
  take();
  return true;
}

const Expression* Parser::for_expression(const Lexeme& open, bool object) {
  const Newlines mode(*this, true);
  take();
  std::string_view key_name, value_name;
  if (!for_names(key_name, value_name)) return make(Kind::bad, span(open));
  Parts parts(*this);
  parts.add(expression());
  if (!next_is(Token::colon)) return fail_here("`:` must follow the collection of `for`");
  take();
  const Expression* key = nullptr;
  const Expression* value = expression();
  if (next_is(Token::arrow)) {
    take();
    key = value;
    value = expression();
  }
  const Lexeme ellipsis = peek();
  const bool grouped = ellipsis.token == Token::ellipsis;
  if (grouped) take();
  if (object) parts.add(key ? key : make(Kind::bad, value->span));
  parts.add(value);
  if (next_is_word("if")) {
    take();
    parts.add(expression());
  }
  const Token close = object ? Token::close_brace : Token::close_bracket;
  if (!next_is(close)) return fail_here(object ? "the `{` of `for` is to be closed with `}`" : "the `[` of `for` is to be closed with `]`");
  take();
  if (object && !key) report(value->span, "a `for` that builds an object needs a key: `key => value`");
  if (!object && key) report(key->span, "a `for` that builds a list has no key: remove it with its `=>`, or write `{` for an object");
  if (!object && grouped) report(span(ellipsis), "`...` groups the values of an object: it has no meaning in a list");
  Expression* node = compose(object ? Kind::for_object : Kind::for_tuple, span(open.begin, at_), parts.all());
  node->text = key_name;
  node->text2 = value_name;
  node->flag = grouped;
  return node;
}

}  // namespace assay::hcl
