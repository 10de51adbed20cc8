// What configurations become: modules, variables, expansion, unknowns, edges, and what is said of mistakes.
#include <catch2/catch.hpp>

#include "tests/support/configuration.hpp"

using namespace assay;
using namespace assay::test;
using Files = std::map<std::string, std::string>;

TEST_CASE("variables take the value that stands highest", "[terraform]") {
  const std::string main = "variable \"x\" { default = \"default\" }\nresource \"a_b\" \"c\" { v = var.x }\n";
  const auto value = [&](const Files& more, terraform::LoadOptions options = {}) {
    Files files = more;
    files.emplace("main.tf", main);
    return load(files, std::move(options))->at("a_b.c", "v");
  };
  Files files;
  CHECK(value(files) == "default");
  files["terraform.tfvars"] = "x = \"tfvars\"";
  CHECK(value(files) == "tfvars");
  files["terraform.tfvars.json"] = "{\"x\": \"json\"}";
  CHECK(value(files) == "json");
  files["b.auto.tfvars"] = "x = \"b\"";
  CHECK(value(files) == "b");
  files["a.auto.tfvars"] = "x = \"a\"";
  CHECK(value(files) == "b");
  files["c.auto.tfvars.json"] = "{\"x\": \"c\"}";
  CHECK(value(files) == "c");
  Sources sources;
  using Given = terraform::GivenVariable;
  terraform::LoadOptions options;
  options.given = {{Given::Kind::environment, "x", &sources.add("TF_VAR_x", "environment")}};
  CHECK(value(files, options) == "c");
  CHECK(value({}, options) == "environment");
  options.given.push_back({Given::Kind::value, "x", &sources.add("--var x", "option")});
  CHECK(value(files, options) == "option");
  options.given.push_back({Given::Kind::file, "", &sources.add("x.tfvars", "x = \"file\"")});
  CHECK(value(files, options) == "file");
  options.given.push_back({Given::Kind::value, "x", &sources.add("--var x", "last")});
  CHECK(value(files, options) == "last");
}

TEST_CASE("variables: types, defaults of optional attributes, null, sensitive", "[terraform]") {
  const auto loaded = load({{"main.tf", R"(
variable "rule" {
  type = object({ port = optional(number, 443), open = optional(bool), name = string })
  default = { name = "web", port = "80" }
}
variable "strict" {
  nullable = false
  default  = 7
}
variable "secret" {
  sensitive = true
  default   = "s3cret"
}
variable "open" { type = number }
resource "a_b" "c" {
  port   = var.rule.port
  open   = var.rule.open
  secret = var.secret
  mixed  = "x-${var.secret}"
  open_  = var.open
  sum    = var.open + 1
}
module "m" {
  source = "./m"
  strict = null
  loose  = null
}
)"},
                            {"m/main.tf", R"(
variable "strict" {
  nullable = false
  default  = 7
}
variable "loose" { default = 8 }
resource "a_b" "c" {
  strict = var.strict
  loose  = var.loose
}
)"}});
  CHECK(loaded->at("a_b.c", "port") == "80");
  CHECK(loaded->at("a_b.c", "open") == "-");
  CHECK(loaded->at("a_b.c", "secret") == "(secret)");
  CHECK(loaded->at("a_b.c", "mixed") == "(secret)");
  CHECK(loaded->at("a_b.c", "open_") == "?var.open");
  CHECK(loaded->at("a_b.c", "sum") == "?var.open + 1");
  CHECK(loaded->at("module.m.a_b.c", "strict") == "7");
  CHECK(loaded->at("module.m.a_b.c", "loose") == "-");
  CHECK(loaded->said() == std::vector<std::string>{});
}

TEST_CASE("count, for_each and dynamic blocks", "[terraform]") {
  const auto loaded = load({{"main.tf", R"(
variable "n" { type = number }
variable "keys" { type = set(string) }
resource "a_b" "two" {
  count = 2
  name  = "n${count.index}"
}
resource "a_b" "each" {
  for_each = { "a\"b" = 1, c = 2 }
  name     = "${each.key}=${each.value}"
}
resource "a_b" "set" {
  for_each = toset(["y", "x", "y"])
  name     = each.value
}
resource "a_b" "none" {
  count = 0
}
resource "a_b" "unknown" {
  count = var.n
  name  = "n${count.index}"
  fixed = true
}
resource "a_b" "keys" {
  for_each = var.keys
  name     = each.key
}
resource "a_b" "blocks" {
  rule {
    port = 1
  }
  dynamic "rule" {
    for_each = [2, 3]
    iterator = it
    content {
      port = it.value
      dynamic "inner" {
        for_each = { k = it.key }
        content { at = "${it.value}/${inner.key}/${inner.value}" }
      }
    }
  }
  dynamic "open" {
    for_each = var.keys
    content { cidr = "0.0.0.0/0" }
  }
}
output "all" { value = [a_b.two[1].name, a_b.each["c"].name, a_b.two[*].name, [for one in a_b.set : one.name], length(a_b.none)] }
resource "a_b" "reads" {
  v = [a_b.two[1].name, a_b.each["c"].name, a_b.two[*].name, [for one in a_b.set : one.name], length(a_b.none), a_b.unknown[0].fixed, a_b.keys["q"].id]
}
)"}});
  CHECK(loaded->text() ==
        "a_b.blocks = {open: [?a_b.blocks.open], rule: [{port: 1}, {inner: [{at: 2/k/0}], port: 2}, {inner: [{at: 3/k/1}], port: 3}]}\n"
        "a_b.each[\"a\\\"b\"] = {name: a\"b=1}\n"
        "a_b.each[\"c\"] = {name: c=2}\n"
        "a_b.keys = {name: ?a_b.keys.each.key}\n"
        "a_b.reads = {v: [n1, c=2, [n0, n1], [x, y], 0, true, ?a_b.keys.id]}\n"
        "a_b.set[\"x\"] = {name: x}\n"
        "a_b.set[\"y\"] = {name: y}\n"
        "a_b.two[0] = {name: n0}\n"
        "a_b.two[1] = {name: n1}\n"
        "a_b.unknown = {fixed: true, name: ?\"n${count.index}\"}\n");
  REQUIRE(loaded->resource("a_b.unknown")->premises.size() == 1);
  CHECK(loaded->resource("a_b.unknown")->premises[0].text == "`a_b.unknown` exists: that depends on `var.n`, which is not known");
  CHECK(loaded->resource("a_b.two[0]")->premises.empty());
}

TEST_CASE("modules: local, vendored, nested, iterated; each call is judged on its own arguments", "[terraform]") {
  const auto loaded = load({
      {"infra/main.tf", R"(
module "db" {
  source   = "../modules/db"
  for_each = { eu = true, us = false }
  encrypted = each.value
}
module "vpc" { source = "terraform-aws-modules/vpc/aws" }
module "far" { source = "git::https://example.org/x.git" }
resource "a_b" "reads" {
  v = [module.db["eu"].arn, module.vpc.id, module.far.x, { for k, one in module.db : k => one.name }]
}
)"},
      {"modules/db/main.tf", R"(
variable "encrypted" { default = true }
resource "aws_db_instance" "main" { storage_encrypted = var.encrypted }
module "inner" {
  source = "./inner"
  path   = path.module
}
output "arn" { value = aws_db_instance.main.arn }
output "name" { value = module.inner.name }
)"},
      {"modules/db/inner/main.tf", "variable \"path\" {}\nresource \"a_b\" \"x\" { name = \"in ${var.path} ${path.module} ${path.root}\" }\noutput \"name\" { value = a_b.x.name }\n"},
      {"infra/.terraform/modules/modules.json", R"({"Modules": [{"Key": "", "Dir": "."}, {"Key": "vpc", "Source": "registry", "Dir": ".terraform/modules/vpc"}]})"},
      {"infra/.terraform/modules/vpc/main.tf", "resource \"aws_vpc\" \"this\" { cidr_block = \"10.0.0.0/16\" }\noutput \"id\" { value = aws_vpc.this.id }\n"},
  });
  CHECK(loaded->configurations->roots().size() == 1);
  CHECK(loaded->text() ==
        "a_b.reads = {v: [?module.db[\"eu\"].aws_db_instance.main.arn, ?module.vpc.aws_vpc.this.id, ?module.far.x, {eu: in ../modules/db ../modules/db/inner ., us: in ../modules/db ../modules/db/inner .}]}\n"
        "module.db[\"eu\"].aws_db_instance.main = {storage_encrypted: true}\n"
        "module.db[\"eu\"].module.inner.a_b.x = {name: in ../modules/db ../modules/db/inner .}\n"
        "module.db[\"us\"].aws_db_instance.main = {storage_encrypted: false}\n"
        "module.db[\"us\"].module.inner.a_b.x = {name: in ../modules/db ../modules/db/inner .}\n"
        "module.vpc.aws_vpc.this = {cidr_block: 10.0.0.0/16}\n");
  REQUIRE(loaded->configurations->project().not_assessed().size() == 1);
  CHECK(loaded->configurations->project().not_assessed()[0].remedy == "terraform -chdir=infra get");
  CHECK(loaded->said() == std::vector<std::string>{});
}

TEST_CASE("providers: defaults are inherited, aliases passed; their region and tags show on resources", "[terraform]") {
  const auto loaded = load({
      {"main.tf", R"(
terraform {
  backend "s3" {
    bucket = "state"
    region = "us-east-1"
  }
}
provider "aws" {
  region = "us-east-1"
  default_tags { tags = { owner = "me", a = "default" } }
}
provider "aws" {
  alias  = "eu"
  region = "eu-central-1"
}
resource "aws_s3_bucket" "here" { tags = { a = "own" } }
resource "aws_s3_bucket" "there" { provider = aws.eu }
module "plain" { source = "./m" }
module "passed" {
  source    = "./m"
  providers = { aws = aws.eu }
}
module "regions" {
  source   = "./m"
  for_each = toset(["eu-central-1", "us-east-1"])
}
data "aws_region" "now" {}
resource "a_b" "reads" { v = data.aws_region.now.name }
)"},
      {"m/main.tf", "resource \"aws_s3_bucket\" \"x\" {}\n"},
  });
  CHECK(loaded->at("aws_s3_bucket.here", "region") == "us-east-1");
  CHECK(loaded->at("aws_s3_bucket.here", "tags_all") == "{a: own, owner: me}");
  CHECK(loaded->at("aws_s3_bucket.there", "region") == "eu-central-1");
  CHECK(loaded->at("aws_s3_bucket.there", "tags_all") == "-");
  CHECK(loaded->at("module.plain.aws_s3_bucket.x", "region") == "us-east-1");
  CHECK(loaded->at("module.passed.aws_s3_bucket.x", "region") == "eu-central-1");
  CHECK(loaded->at("module.regions[\"eu-central-1\"].aws_s3_bucket.x", "region") == "us-east-1");
  CHECK(loaded->at("module.regions[\"eu-central-1\"]", "key") == "eu-central-1");
  CHECK(loaded->at("module.passed", "providers") == "[aws]");
  CHECK(loaded->at("module.plain", "providers") == "[]");
  CHECK(loaded->at("terraform.backend.s3", "region") == "us-east-1");
  CHECK(loaded->at("a_b.reads", "v") == "us-east-1");
  const auto edges = loaded->edges();
  const auto has = [&](const std::string& edge) { return std::find(edges.begin(), edges.end(), edge) != edges.end(); };
  CHECK(has("aws_s3_bucket.there -in-region-> provider.aws.eu"));
  CHECK(has("module.plain.aws_s3_bucket.x -in-region-> provider.aws"));
  CHECK(has("module.passed -in-region-> provider.aws.eu"));
  CHECK(has("module.plain -owns-> module.plain.aws_s3_bucket.x"));
}

TEST_CASE("edges come through unknowns, variables, outputs, functions and literal names", "[terraform]") {
  const auto loaded = load({
      {"main.tf", R"(
resource "aws_kms_key" "k" {}
module "net" { source = "./net" }
locals { key = aws_kms_key.k.arn }
resource "aws_db_instance" "d" {
  kms_key_id             = local.key
  db_subnet_group_name   = aws_db_subnet_group.g.name
  vpc_security_group_ids = [module.net.sg]
}
resource "aws_db_subnet_group" "g" {
  name       = "g"
  subnet_ids = module.net.subnets
}
resource "aws_s3_bucket" "b" { bucket = "data" }
resource "aws_s3_bucket" "logs" { bucket = "logs" }
resource "aws_s3_bucket_logging" "l" {
  bucket        = "data"
  target_bucket = aws_s3_bucket.logs.id
}
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "${aws_s3_bucket.b.arn}/*" }] })
}
data "aws_iam_policy_document" "doc" {
  statement {
    actions   = ["kms:*"]
    resources = [aws_kms_key.k.arn]
  }
}
resource "aws_iam_role_policy" "q" {
  role   = "r"
  policy = data.aws_iam_policy_document.doc.json
}
resource "a_b" "joined" { v = join(",", [aws_kms_key.k.arn, aws_s3_bucket.b.arn]) }
)"},
      {"net/main.tf", R"(
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  count      = 2
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.${count.index}.0/24"
}
resource "aws_security_group" "sg" { vpc_id = aws_vpc.v.id }
output "subnets" { value = aws_subnet.s[*].id }
output "sg" { value = aws_security_group.sg.id }
)"},
  });
  const auto edges = loaded->edges(true);
  const auto has = [&](const std::string& edge) { return std::find(edges.begin(), edges.end(), edge) != edges.end(); };
  CHECK(has("aws_db_instance.d -encrypts-with-> aws_kms_key.k"));
  CHECK(has("aws_db_instance.d -in-subnet-> aws_db_subnet_group.g"));
  CHECK(has("module.net.aws_security_group.sg -governs-> aws_db_instance.d"));
  CHECK(has("aws_db_subnet_group.g -in-subnet-> module.net.aws_subnet.s[0]"));
  CHECK(has("aws_db_subnet_group.g -in-subnet-> module.net.aws_subnet.s[1]"));
  CHECK(has("module.net.aws_subnet.s[1] -in-network-> module.net.aws_vpc.v"));
  CHECK(has("aws_s3_bucket_logging.l -references-> aws_s3_bucket.b"));
  CHECK(has("aws_s3_bucket_logging.l -logs-to-> aws_s3_bucket.logs"));
  CHECK(has("aws_iam_policy.p -references-> aws_s3_bucket.b"));
  CHECK(has("aws_iam_role_policy.q -references-> aws_kms_key.k"));
  CHECK(has("a_b.joined -references-> aws_kms_key.k"));
  CHECK(has("a_b.joined -references-> aws_s3_bucket.b"));
  CHECK(loaded->at("aws_iam_policy.p", "policy_json.Statement.0.Action") == "s3:*");
  CHECK(loaded->at("aws_iam_role_policy.q", "policy_json.Statement.0.Action") == "kms:*");
  CHECK(loaded->at("aws_iam_role_policy.q", "policy_json.Statement.0.Resource") == "?aws_kms_key.k.arn");
}

TEST_CASE("override files, duplicates, JSON", "[terraform]") {
  const auto loaded = load({
      {"main.tf", "resource \"a_b\" \"c\" {\n  x = 1\n  y = 1\n  block { z = 1 }\n  block { z = 2 }\n}\nresource \"a_b\" \"c\" { x = 9 }\nlocals { l = 1 }\nresource \"a_b\" \"l\" { v = local.l }\n"},
      {"a_override.tf", "resource \"a_b\" \"c\" {\n  y = 2\n  block { z = 3 }\n}\nlocals { l = 2 }\n"},
      {"override.tf.json", R"({"resource": {"a_b": {"c": {"w": "${1 + 2}"}}}})"},
  });
  CHECK(loaded->text() == "a_b.c = {block: [{z: 3}], w: 3, x: 1, y: 2}\na_b.l = {v: 2}\n");
  CHECK(loaded->said() == std::vector<std::string>{"duplicate-block: resource `a_b.c` is declared twice: only the first is evaluated"});
}

TEST_CASE("circles are named in full, whatever their order, and the rest is evaluated", "[terraform]") {
  const std::vector<std::string> parts = {"locals { a = local.b }", "locals { b = [local.c, local.a] }", "locals { c = local.b }",
                                          "resource \"a_b\" \"x\" {\n  v = a_b.y.id\n  w = 1\n}", "resource \"a_b\" \"y\" { v = a_b.x.id }",
                                          "resource \"a_b\" \"reads\" { v = [local.a, a_b.x.w] }", "locals { self = local.self }"};
  std::vector<std::size_t> order(parts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::string first;
  std::vector<std::string> said;
  for (int round = 0; round < 20; ++round) {
    std::string text;
    for (const std::size_t i : order) text += parts[i] + "\n";
    const auto loaded = load({{"main.tf", text}});
    if (first.empty()) first = loaded->text(), said = loaded->said();
    CHECK(loaded->text() == first);
    CHECK(loaded->said() == said);
    std::next_permutation(order.begin(), order.end());
    std::rotate(order.begin(), order.begin() + 3, order.end());
  }
  CHECK(first == "a_b.reads = {v: [?local.a, ?a_b.x.w]}\na_b.x = {v: ?a_b.y.id, w: 1}\na_b.y = {v: ?a_b.x.id}\n");
  CHECK(said == std::vector<std::string>{
                    "terraform-cycle: these need each other: `a_b.x` needs `a_b.y` needs `a_b.x`, so none of them can be known",
                    "terraform-cycle: these need each other: `local.a` needs `local.b` needs `local.a`; the whole circle: `local.a` `local.b` `local.c`, so none of them can be known",
                    "terraform-cycle: these need each other: `local.self` needs `local.self`, so none of them can be known"});
}

TEST_CASE("what is missing or wrong is said, and the rest is audited", "[terraform]") {
  const auto loaded = load({
      {"main.tf", R"(
module "gone" { source = "./gone" }
module "out" { source = "../../etc" }
module "self" { source = "./self" }
module "ok" {
  source = "./ok"
  extra  = 1
}
resource "a_b" "x" {
  a = var.nowhere
  b = local.nowhere
  c = c_d.nowhere.id
  d = module.ok.nowhere
  e = module.gone.x
  f = file("../../etc/passwd")
  g = 1 + "x"
  h = 1
}
resource "a_b" "list" {
  for_each = ["a"]
  h        = 1
}
resource "a_b" "negative" {
  count = -1
  h     = 1
}
variable "typed" {
  type    = number
  default = "x"
}
variable "checked" {
  default = 1
  validation {
    condition     = var.checked > 1
    error_message = "must be more than one."
  }
}
)"},
      {"terraform.tfvars", "undeclared = 1\n"},
      {"self/main.tf", "module \"again\" { source = \"../self\" }\nresource \"a_b\" \"s\" { h = 1 }\n"},
      {"ok/main.tf", "variable \"needed\" {}\nresource \"a_b\" \"s\" { h = var.needed }\n"},
  }, {}, {"."});
  const auto said = loaded->said();
  const auto count = [&](const std::string& code) {
    return std::count_if(said.begin(), said.end(), [&](const std::string& one) { return one.starts_with(code + ":"); });
  };
  CHECK(count("missing-module") == 2);
  CHECK(count("module-cycle") == 1);
  CHECK(count("undeclared-variable") == 3);
  CHECK(count("undeclared-local") == 1);
  CHECK(count("undeclared-resource") == 1);
  CHECK(count("undeclared-output") == 1);
  CHECK(count("missing-argument") == 1);
  CHECK(count("terraform-expansion") == 2);
  CHECK(count("terraform-type") >= 1);
  CHECK(count("terraform-check") == 1);
  CHECK(loaded->at("a_b.x", "h") == "1");
  CHECK(loaded->at("a_b.x", "f") == "?a_b.x.f");
  CHECK(loaded->at("a_b.list", "h") == "1");
  CHECK(loaded->at("a_b.negative", "h") == "1");
  CHECK(loaded->at("module.self.a_b.s", "h") == "1");
  CHECK(loaded->at("module.ok.a_b.s", "h") == "?module.ok.var.needed");
}

TEST_CASE("limits: instances, deep chains, wide files", "[terraform]") {
  terraform::LoadOptions options;
  options.evaluation.instances = 1000;
  const auto many = load({{"main.tf", "resource \"a_b\" \"x\" {\n  for_each = toset([for i in range(100001) : tostring(i)])\n  h = 1\n}\nresource \"a_b\" \"y\" {\n  count = 500\n  h = 1\n}\n"}}, options);
  CHECK(many->at("a_b.x", "h") == "1");
  CHECK(many->at("a_b.y[499]", "h") == "1");
  // A chain that is far deeper than any stack would take, in the worst order.
  std::string chain = "resource \"a_b\" \"x\" { v = local.l0 }\n";
  constexpr int length = 20'000;
  for (int i = 0; i < length; ++i) chain += "locals { l" + std::to_string(i) + " = local.l" + std::to_string(i + 1) + " }\n";
  chain += "locals { l" + std::to_string(length) + " = \"end\" }\n";
  const auto deep = load({{"main.tf", chain}});
  CHECK(deep->at("a_b.x", "v") == "end");
}

TEST_CASE("a module that two others call, and modules that only call each other", "[terraform]") {
  const auto loaded = load({{"a/main.tf", "module \"x\" { source = \"../b\" }\n"}, {"b/main.tf", "module \"x\" { source = \"../a\" }\nresource \"a_b\" \"c\" { h = 1 }\n"}});
  CHECK(loaded->text() == "module.x.a_b.c = {h: 1}\n");
}

TEST_CASE("unions of providers by key, as OpenTofu has them", "[terraform]") {
  const auto loaded = load({{"main.tf", R"(
locals { regions = { eu = "eu-west-1", us = "us-east-1" } }
provider "aws" {
  alias    = "by"
  for_each = local.regions
  region   = each.value
}
resource "aws_vpc" "v" {
  for_each   = local.regions
  provider   = aws.by[each.key]
  cidr_block = "10.0.0.0/16"
}
)"}});
  CHECK(loaded->at("aws_vpc.v[\"eu\"]", "region") == "eu-west-1");
  CHECK(loaded->at("aws_vpc.v[\"us\"]", "region") == "us-east-1");
}
