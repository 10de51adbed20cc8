// The wealth platform: what must be found in it as its document describes it, each on its own line, and that
// nothing is left to find in the hardened variant.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

const std::string systems = std::string(ASSAY_SOURCE_DIR) + "/fixtures/systems/wealth/";

nlohmann::json audit(const std::string& variant, const std::string& options = "") {
  const std::string command = std::string(ASSAY_PROGRAM) + " check " + systems + variant +
                              " --as-of 2026-11-21 --format json --fail-on never " + options + " 2>/dev/null";
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::array<char, 65536> buffer;
  for (std::size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), n);
  CHECK(pclose(pipe) == 0);
  return nlohmann::json::parse(out);
}

std::string line_of(const std::string& path, int number) {
  // Paths are relative to the project's root.
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/" + path);
  std::string line;
  for (int i = 0; i < number && std::getline(in, line);) ++i;
  return line;
}

struct Expected {
  const char* rule;
  const char* verdict;
  const char* file;
  const char* text;  // part of the line on which the finding stands
};

void expect(const nlohmann::json& report, const std::vector<Expected>& all) {
  for (const Expected& one : all) {
    bool met = false;
    std::string seen;
    for (const auto& finding : report["findings"]) {
      if (finding["rule"] != one.rule) continue;
      const std::string path = finding["location"]["path"];
      const std::string line = line_of(path, finding["location"]["line"]);
      seen += path + ": " + line + "\n";
      met = met || (finding["verdict"] == one.verdict && path.ends_with(std::string("/") + one.file) &&
                    line.find(one.text) != std::string::npos);
    }
    INFO(one.rule << " at `" << one.text << "`, but found at:\n" << seen);
    CHECK(met);
  }
}

}  // namespace

TEST_CASE("the wealth platform as documented", "[wealth]") {
  const auto report = audit("as-documented");
  CHECK(report["incomplete"] == false);
  expect(report, {
      // Five pods that nothing keeps apart, protects, or scales in agreement
      {"availability/workload-spread", "fail", "api.yaml", "spec:"},
      {"availability/disruption-budget-missing", "fail", "api.yaml", "replicas: 5"},
      {"availability/autoscalers-disagree", "fail", "api.yaml", ""},
      // Its network policy
      {"isolation/network-policy-unset-namespace-label", "fail", "security.yaml", "name: kube-system"},
      {"isolation/network-policy-unset-namespace-label", "fail", "security.yaml", "name: database"},
      {"isolation/network-policy-unset-namespace-label", "fail", "security.yaml", "name: cache"},
      {"isolation/ingress-controller-not-admitted", "fail", "networking.yaml", ""},
      {"isolation/metrics-port-not-admitted", "fail", "api.yaml", "prometheus.io/port"},
      {"isolation/network-policy-usual-ports-anywhere", "fail", "security.yaml", "to: []"},
      {"isolation/network-plugin-policy-enforcement", "fail", "cluster.yaml", "vpc-cni"},
      // How requests come in
      {"transport-security/service-load-balancer-tls", "fail", "api.yaml", "port: 80"},
      {"isolation/service-beside-ingress", "fail", "api.yaml", "type: LoadBalancer"},
      {"transport-security/ingress-plain-backend", "fail", "networking.yaml", "backend-protocol: HTTP"},
      {"availability/ingress-backend-missing", "fail", "networking.yaml", "wealth-web"},
      {"transport-security/ingress-tls-secret-ignored", "fail", "networking.yaml", "wealth-tls"},
      {"isolation/ingress-annotations-ignored", "fail", "networking.yaml", "rate-limit: "},
      {"isolation/ingress-annotations-ignored", "fail", "networking.yaml", "rate-limit-burst"},
      {"hygiene/deprecated-annotation", "fail", "networking.yaml", "kubernetes.io/ingress.class"},
      {"isolation/web-application-firewall-missing", "fail", "networking.yaml", ""},
      {"transport-security/ingress-tls-policy-old", "fail", "networking.yaml", "ELBSecurityPolicy-TLS-1-2-2017-01"},
      // The mesh
      {"availability/virtual-service-subset-missing", "fail", "networking.yaml", "wealth-gateway"},
      {"availability/virtual-service-subset-missing", "fail", "networking.yaml", "subset: v1"},
      {"isolation/fault-injection", "fail", "networking.yaml", "fault:"},
      {"availability/ingress-without-rate-limit", "fail", "networking.yaml", ""},
      // Pod security
      {"hygiene/pod-security-policy-without-effect", "fail", "security.yaml", ""},
      {"workload-hardening/workload-outside-pod-security", "unknown", "api.yaml", ""},
      // Kafka, ZooKeeper and the autoscaler
      {"transport-security/kafka-plain-listener", "fail", "kafka.yaml", "tls: false"},
      {"identity/kafka-without-authorization", "fail", "kafka.yaml", "kafka:"},
      {"availability/data-store-not-spread", "fail", "kafka.yaml", "kafka:"},
      {"availability/data-store-no-node-group-fits", "fail", "kafka.yaml", "kafka:"},
      {"availability/data-store-no-node-group-fits", "fail", "kafka.yaml", "zookeeper:"},
      {"availability/no-node-group-fits", "fail", "cluster-autoscaler.yaml", "spec:"},
      {"workload-hardening/container-runs-as-non-root", "fail", "cluster-autoscaler.yaml", "cluster-autoscaler"},
      {"workload-hardening/pod-host-path", "fail", "cluster-autoscaler.yaml", "/etc/ssl/certs/ca-bundle.crt"},
      {"supply-chain/image-from-frozen-registry", "fail", "cluster-autoscaler.yaml", "k8s.gcr.io"},
      {"identity/controller-without-rights", "fail", "cluster-autoscaler.yaml", "serviceAccountName"},
      {"hygiene/init-container-security-gap", "fail", "api.yaml", "migrate"},
      {"availability/init-work-per-replica", "fail", "api.yaml", "migrate"},
      {"workload-hardening/container-seccomp-profile", "fail", "api.yaml", ""},
      {"workload-hardening/container-seccomp-profile", "fail", "cluster-autoscaler.yaml", ""},
      {"availability/service-account-missing", "unknown", "api.yaml", "serviceAccountName: wealth-api"},
      {"encryption-at-rest/store-class-unknown", "unknown", "kafka.yaml", "gp3"},
      // The cluster
      {"isolation/node-group-public", "fail", "cluster.yaml", "name: api"},
      {"isolation/node-group-public", "fail", "cluster.yaml", "name: data"},
      {"isolation/node-group-public", "fail", "cluster.yaml", "name: training"},
      {"hygiene/eksctl-spot-refused", "fail", "cluster.yaml", "spot: true"},
      {"encryption-at-rest/cluster-secrets-key", "fail", "cluster.yaml", ""},
      {"encryption-at-rest/node-volume-encrypted", "unknown", "cluster.yaml", "name: api"},
      {"isolation/cluster-public-endpoint", "fail", "cluster.yaml", "vpc:"},
      {"hygiene/cluster-version-supported", "fail", "cluster.yaml", "\"1.28\""},
      {"hygiene/addon-version-floats", "fail", "cluster.yaml", "version: latest"},
      // Time and logs
      {"availability/startup-longer-than-promised", "fail", "api.yaml", "startupProbe"},
      {"availability/logs-on-node", "fail", "api.yaml", "name: logs"},
  });
  // The Terraform: five regions in one, and the state of all of them with them
  expect(report, {
      {"data-placement/module-told-another-region", "fail", "terraform/main.tf", "region      = each.key"},
      {"data-placement/state-in-one-region", "fail", "terraform/main.tf", "region         = \"us-east-1\""},
      // Stores
      {"encryption-at-rest/data-store-encrypted", "fail", "regional/variables.tf", "storage_encrypted = optional(bool, false)"},
      {"encryption-at-rest/data-store-encrypted", "fail", "regional/data.tf", "= \"redis\""},
      {"encryption-at-rest/storage-encrypted", "fail", "regional/data.tf", "\"aws_efs_file_system\""},
      {"encryption-at-rest/storage-encrypted", "fail", "regional/cluster.tf", "encrypted   = false"},
      {"encryption-at-rest/key-rotation", "fail", "global/main.tf", "\"aws_kms_key\""},
      {"encryption-at-rest/cluster-secrets-key", "fail", "regional/cluster.tf", "\"aws_eks_cluster\""},
      {"backup/data-store-deletion-protection", "fail", "regional/data.tf", "\"aws_db_instance\" \"main\""},
      {"backup/data-store-deletion-protection", "fail", "regional/data.tf", "\"aws_dynamodb_table\""},
      {"backup/data-store-final-snapshot", "fail", "regional/data.tf", "skip_final_snapshot     = true"},
      {"backup/data-store-point-in-time-recovery", "fail", "regional/data.tf", "\"aws_dynamodb_table\""},
      {"backup/data-store-backup", "fail", "regional/data.tf", "\"aws_elasticache_replication_group\""},
      {"backup/backup-plan-without-selection", "fail", "regional/data.tf", "\"aws_backup_plan\""},
      {"backup/backup-plan-retention", "fail", "regional/data.tf", "delete_after = 5"},
      {"backup/bucket-versioning", "fail", "regional/data.tf", "\"aws_s3_bucket\""},
      {"backup/bucket-versioning", "fail", "global/main.tf", "\"aws_s3_bucket\" \"backups\""},
      {"backup/bucket-deletes-objects", "fail", "global/main.tf", "force_destroy = true"},
      {"secrets/data-store-password", "fail", "regional/data.tf", "password"},
      {"isolation/data-store-public", "fail", "regional/data.tf", "publicly_accessible = true"},
      {"isolation/bucket-public-access-block", "fail", "global/main.tf", "\"aws_s3_bucket\" \"assets\""},
      {"isolation/policy-open-to-anybody", "fail", "global/main.tf", "statement {"},
      {"isolation/distribution-bucket-open", "fail", "global/main.tf", "origin {"},
      {"transport-security/data-store-client-tls", "fail", "regional/data.tf", "= \"redis\""},
      {"transport-security/cache-without-password", "fail", "regional/data.tf", "= \"redis\""},
      // Ways in
      {"isolation/firewall-open-port", "fail", "regional/network.tf", "cidr_blocks = [\"0.0.0.0/0\"]"},
      {"isolation/node-group-ssh-open", "fail", "regional/cluster.tf", "ec2_ssh_key"},
      {"isolation/cluster-public-endpoint", "fail", "regional/cluster.tf", "vpc_config"},
      {"isolation/machine-public-address", "fail", "regional/cluster.tf", "associate_public_ip_address = true"},
      {"workload-hardening/machine-metadata-sessions", "fail", "regional/cluster.tf", "\"aws_instance\" \"bastion\""},
      {"transport-security/listener-plain", "fail", "regional/cluster.tf", "protocol          = \"HTTP\""},
      {"transport-security/listener-plain", "fail", "global/main.tf", "viewer_protocol_policy = \"allow-all\""},
      {"transport-security/listener-old-tls", "fail", "regional/cluster.tf", "ELBSecurityPolicy-TLS-1-1-2017-01"},
      {"transport-security/listener-old-tls", "fail", "global/main.tf", "cloudfront_default_certificate = true"},
      {"transport-security/distribution-plain-origin", "fail", "global/main.tf", "origin_protocol_policy = \"http-only\""},
      // Rights, versions, logs
      {"identity/policy-administrator", "fail", "regional/cluster.tf", "Effect   = \"Allow\""},
      {"hygiene/cluster-version-supported", "fail", "terraform/main.tf", "cluster_version = \"1.28\""},
      {"observability/log-store-retention", "fail", "regional/cluster.tf", "retention_in_days = 14"},
      {"observability/network-flow-logs", "fail", "regional/network.tf", "\"aws_vpc\""},
      {"observability/cluster-audit-log", "fail", "regional/cluster.tf", "\"aws_eks_cluster\""},
  });
  // What eksctl creates is there.
  for (const auto& finding : report["findings"]) {
    if (finding["rule"] == "availability/service-account-missing")
      CHECK(finding["resource"]["address"] != "k8s:apps/Deployment/kube-system/cluster-autoscaler");
  }
  expect(audit("as-documented", "--profile pci-dss"), {
      {"observability/cluster-log-retention", "fail", "cluster.yaml", "logRetentionInDays: 30"},
  });
}

TEST_CASE("the wealth platform hardened", "[wealth]") {
  const auto report = audit("hardened");
  CHECK(report["incomplete"] == false);
  for (const auto& finding : report["findings"]) {
    INFO(finding["rule"] << " " << finding["message"]);
    CHECK((finding["severity"] == "low" || finding["severity"] == "info"));
    CHECK(finding["verdict"] != "unknown");
  }
}
