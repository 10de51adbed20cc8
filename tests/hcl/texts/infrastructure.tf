# A configuration as people write it.
terraform {
  required_version = ">= 1.6"
  backend "s3" {
    bucket = "state"
    key    = "prod/terraform.tfstate"
    region = "eu-central-1"
  }
}

provider "aws" {
  region = var.region
  default_tags { tags = local.tags }
}

variable "ports" {
  description = "ports by name"
  type = map(object({
    port  = number
    cidrs = optional(list(string), ["10.0.0.0/8"])
  }))
  default = {
    https = { port = 443 }
  }
  validation {
    condition     = alltrue([for p in values(var.ports) : p.port > 0 && p.port < 65536])
    error_message = "Every port must be valid, not ${jsonencode(var.ports)}."
  }
}

locals {
  tags  = merge(var.tags, { "cost-center" = "42", Name = format("%s-%s", var.name, terraform.workspace) })
  zones = slice(data.aws_availability_zones.available.names, 0, min(3, length(data.aws_availability_zones.available.names)))
  by_zone = {
    for index, zone in local.zones : zone => cidrsubnet(var.cidr, 4, index)
    if zone != "eu-central-1c"
  }
  negative = -1
  not_true = !true
  computed = -(1 + 2)
}

resource "aws_security_group" "web" {
  count       = var.enabled ? 1 : 0
  name_prefix = "${var.name}-"

  dynamic "ingress" {
    for_each = var.ports
    iterator = rule
    content {
      description = "port ${rule.key}"
      from_port   = rule.value.port
      to_port     = rule.value["port"]
      protocol    = "tcp"
      cidr_blocks = rule.value.cidrs
    }
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags["x"], description]
  }
}

resource "aws_iam_policy" "access" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["s3:GetObject", "s3:${var.write ? "PutObject" : "ListBucket"}"]
      Resource  = aws_s3_bucket.data.*.arn
      Condition = { StringEquals = { "aws:PrincipalTag/team" = "$${aws:username}" } }
    }]
  })
}

module "database" {
  source    = "./modules/database"
  for_each  = toset(["eu", "us"])
  providers = { aws = aws.eu }
  user_data = <<-SCRIPT
    #!/bin/sh
    export NAME=$${HOSTNAME:-none}
    echo "${each.key}" > /etc/zone
    %{ for zone in local.zones ~}
    echo ${zone}
    %{ endfor ~}
  SCRIPT
}

output "ids" {
  value     = { for key, database in module.database : key => database.id... }
  sensitive = true
}
