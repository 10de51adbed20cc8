// How much of what other tools check on AWS the rules answer by their ids: rows of the catalogue of other tools'
// checks, for the types that the views cover.
#include <catch2/catch.hpp>
#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/rulebook.hpp"

using namespace assay;

namespace {

// peer, id, platform, resource types, family, concept, severity
std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> found;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) found.push_back(field);
  return found;
}

std::set<std::string> words(const std::string& text, char separator) {
  std::set<std::string> found;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, separator);) found.insert(word);
  return found;
}

// The types that have views, with the resources that split them up.
const std::set<std::string> types = words(
    "aws_s3_bucket aws_s3_bucket_public_access_block aws_s3_bucket_versioning aws_s3_bucket_server_side_encryption_configuration "
    "aws_s3_bucket_acl aws_s3_bucket_policy aws_s3_bucket_logging aws_s3_bucket_lifecycle_configuration "
    "aws_s3_bucket_replication_configuration aws_s3_bucket_ownership_controls aws_db_instance aws_rds_cluster "
    "aws_rds_cluster_instance aws_rds_global_cluster aws_dynamodb_table aws_elasticache_cluster aws_elasticache_replication_group "
    "aws_msk_cluster aws_ebs_volume aws_efs_file_system aws_instance aws_launch_template aws_security_group aws_security_group_rule "
    "aws_vpc_security_group_ingress_rule aws_vpc_security_group_egress_rule aws_default_security_group aws_network_acl "
    "aws_network_acl_rule aws_lb aws_alb aws_lb_listener aws_alb_listener aws_cloudfront_distribution aws_eks_cluster "
    "aws_eks_node_group aws_kms_key aws_cloudwatch_log_group aws_backup_vault aws_backup_plan aws_backup_selection aws_iam_policy "
    "aws_iam_role aws_iam_user aws_iam_role_policy aws_iam_user_policy aws_iam_group_policy aws_subnet aws_vpc aws_flow_log "
    "aws_default_vpc aws_route_table aws_route aws_internet_gateway aws_nat_gateway",
    ' ');

// Encryption, backup and retention, public access, plain listeners and versions of TLS, open ports, zones,
// protection against deletion, logs' retention.
bool mission(const std::string& topic) {
  static const std::regex pattern(
      "encrypted|customer-managed-key|key-|backup|versioning|point-in-time|deletion|mfa-delete|object-lock|lifecycle|retention|"
      "public|plaintext|minimum-tls|tls-required|cipher|redirect|certificate|firewall-open|default-firewall|multi-zone|replication|"
      "logstore|origin-access|in-private-network|ssh-open|snapshot");
  return std::regex_search(topic, pattern);
}

}  // namespace

TEST_CASE("other tools' checks on AWS are answered by their ids", "[rules]") {
  std::ifstream csv(std::string(ASSAY_SHARED_DIR) + "/peer-checks.csv");
  if (!csv) {
    WARN("skipped: no peer-checks.csv");
    return;
  }
  Sources sources;
  Diagnostics diagnostics;
  const Rulebook book = load_rulebook(sources, {}, diagnostics);
  std::set<std::string> aliases, known;
  for (const auto& [id, rule] : book.catalog.rules) aliases.insert(rule.info.aliases.begin(), rule.info.aliases.end());

  std::size_t rows = 0, answered = 0;
  std::string missing, line;
  while (std::getline(csv, line)) {
    const auto row = fields(line);
    if (row.size() < 6) continue;
    known.insert(row[0] + "/" + row[1]);
    const auto of_row = words(row[3], '|');
    const bool ours = std::any_of(of_row.begin(), of_row.end(), [](const std::string& type) { return types.contains(type); });
    if (row[2] != "aws" || !ours || !mission(row[5])) continue;
    ++rows;
    if (aliases.contains(row[0] + "/" + row[1])) ++answered;
    else missing += "  " + row[0] + "/" + row[1] + " " + row[5] + "\n";
  }
  std::cout << answered << " of " << rows << " rows on AWS answered\n";
  INFO("not answered:\n" << missing);
  CHECK(rows > 100);
  CHECK(answered * 4 >= rows * 3);

  // An id that no tool has is a slip.
  for (const std::string& alias : aliases) {
    if (!alias.starts_with("checkov/CKV_AWS") && !alias.starts_with("checkov/CKV2_AWS") && !alias.starts_with("trivy/AWS")) continue;
    INFO(alias);
    CHECK(known.contains(alias));
  }
}
