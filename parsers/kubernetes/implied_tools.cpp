// Secrets and service accounts that tools create from their custom resources.
#include "parsers/kubernetes/implied.hpp"

namespace assay::kubernetes {
namespace {

void secret(Implier& implier, const Resource& creator, std::string_view name, std::string_view by, Value type = {}) {
  if (name.empty() || creator.ns.empty()) return;
  implier.create(creator,
                 {"v1",
                  "Secret",
                  std::string(name),
                  creator.ns,
                  {},
                  {},
                  {{"type", type}, {"data", implier.unknown("data", "map<string, bytes>", "filled by its creator")}}},
                 by);
}

void tls_secret(Implier& implier, const Resource& creator, std::string_view name, std::string_view by) {
  secret(implier, creator, name, by, implier.text("kubernetes.io/tls"));
}

// --- cert-manager ------------------------------------------------------------------------------------

void certificate(Implier& implier, const Resource& creator) {
  tls_secret(implier, creator, creator.value.at({"spec", "secretName"}).as_string(), assumed::cert_manager);
}

bool asks_for_certificate(const Resource& creator) {
  const Value annotations = creator.value.at({"metadata", "annotations"});
  return annotations.find("cert-manager.io/cluster-issuer") || annotations.find("cert-manager.io/issuer") ||
         annotations.find("kubernetes.io/tls-acme").as_string() == "true";
}

void ingress(Implier& implier, const Resource& creator) {
  if (!asks_for_certificate(creator)) return;
  for (const Value tls : creator.value.at({"spec", "tls"}).items())
    tls_secret(implier, creator, tls.find("secretName").as_string(), assumed::cert_manager);
}

void gateway(Implier& implier, const Resource& creator) {
  if (!asks_for_certificate(creator)) return;
  for (const Value listener : creator.value.at({"spec", "listeners"}).items())
    for (const Value reference : listener.at({"tls", "certificateRefs"}).items())
      if (!reference.find("namespace") || reference.find("namespace").as_string() == creator.ns)
        tls_secret(implier, creator, reference.find("name").as_string(), assumed::cert_manager);
}

void acme_issuer(Implier& implier, const Resource& creator) {
  secret(implier, creator, creator.value.at({"spec", "acme", "privateKeySecretRef", "name"}).as_string(),
         assumed::cert_manager);
}

// --- Secrets from elsewhere --------------------------------------------------------------------------

void external_secret(Implier& implier, const Resource& creator) {
  const Value target = creator.value.at({"spec", "target"}), name = target.find("name");
  const std::string_view policy = target.find("creationPolicy").as_string();
  if (policy == "Merge" || policy == "None") return;
  secret(implier, creator, name.is_string() ? name.as_string() : std::string_view(creator.name),
         assumed::external_secrets);
}

void sealed_secret(Implier& implier, const Resource& creator) {
  secret(implier, creator, creator.name, assumed::sealed_secrets);
}

void secret_provider_class(Implier& implier, const Resource& creator) {
  for (const Value object : creator.value.at({"spec", "secretObjects"}).items())
    secret(implier, creator, object.find("secretName").as_string(), assumed::secrets_store, object.find("type"));
}

void vault_secret(Implier& implier, const Resource& creator) {
  const Value destination = creator.value.at({"spec", "destination"});
  if (destination.find("create").as_bool())
    secret(implier, creator, destination.find("name").as_string(), "the Vault Secrets operator");
}

void one_password_item(Implier& implier, const Resource& creator) {
  secret(implier, creator, creator.name, "the 1Password operator");
}

void sops_secret(Implier& implier, const Resource& creator) {
  for (const Value item : creator.value.at({"spec", "secretTemplates"}).items())
    secret(implier, creator, item.find("name").as_string(), "the SOPS secrets operator");
}

// --- eksctl ------------------------------------------------------------------------------------------

void cluster_service_account(Implier& implier, const Resource& creator, std::string_view name, std::string_view ns,
                             Value labels, Value annotations, bool with_role) {
  if (name.empty()) return;
  std::vector<Field> kept;
  for (const Entry& entry : annotations.entries()) kept.emplace_back(entry.key(), entry.value);
  if (with_role && !annotations.find("eks.amazonaws.com/role-arn"))
    kept.emplace_back("eks.amazonaws.com/role-arn",
                      implier.unknown("role-arn", "string", "the IAM role that eksctl creates for it"));
  const Value own = implier.map({{"app.kubernetes.io/managed-by", implier.text("eksctl")}});
  implier.create(creator,
                 {"v1",
                  "ServiceAccount",
                  std::string(name),
                  std::string(ns.empty() ? "default" : ns),
                  implier.merged({own, labels}),
                  kept.empty() ? Value() : implier.map(kept),
                  {}},
                 assumed::eksctl);
}

void eksctl_cluster(Implier& implier, const Resource& creator) {
  const Value iam = creator.value.find("iam");
  for (const Value account : iam.find("serviceAccounts").items()) {
    if (account.find("roleOnly").as_bool()) continue;
    const Value metadata = account.find("metadata");
    cluster_service_account(implier, creator, metadata.find("name").as_string(), metadata.find("namespace").as_string(),
                            metadata.find("labels"), metadata.find("annotations"), true);
  }
  for (const Value association : iam.find("podIdentityAssociations").items())
    if (association.find("createServiceAccount").as_bool())
      cluster_service_account(implier, creator, association.find("serviceAccountName").as_string(),
                              association.find("namespace").as_string(), {}, {}, false);
}

constexpr ImpliedFunction table[] = {
    {"k8s:bitnami.com/SealedSecret", sealed_secret},
    {"k8s:cert-manager.io/Certificate", certificate},
    {"k8s:cert-manager.io/Issuer", acme_issuer},
    {"k8s:eksctl.io/ClusterConfig", eksctl_cluster},
    {"k8s:external-secrets.io/ExternalSecret", external_secret},
    {"k8s:gateway.networking.k8s.io/Gateway", gateway},
    {"k8s:isindir.github.com/SopsSecret", sops_secret},
    {"k8s:networking.k8s.io/Ingress", ingress},
    {"k8s:onepassword.com/OnePasswordItem", one_password_item},
    {"k8s:secrets-store.csi.x-k8s.io/SecretProviderClass", secret_provider_class},
    {"k8s:secrets.hashicorp.com/VaultDynamicSecret", vault_secret},
    {"k8s:secrets.hashicorp.com/VaultPKISecret", vault_secret},
    {"k8s:secrets.hashicorp.com/VaultStaticSecret", vault_secret},
};

}  // namespace

std::span<const ImpliedFunction> implied_by_tools() { return table; }

}  // namespace assay::kubernetes
