# A tree of Terraform as people write it, the same each time: environments (roots) that call modules, each module with
# variables, locals, outputs and resources of many types.
#
#   awk -v out=DIR -v modules=1000 -v roots=20 -v copies=1 -f terraform_tree.awk
#
# `modules` is how many modules there are, each called once by one of the roots; `copies` how many instances of
# each of the ten resources that can be repeated a module has (with 1 they are written without `count`).
function write(text) { printf "%s", text > file }
function open(name) { if (file) close(file); file = out "/" name }

function repeated() { return copies > 1 ? "  count = var.copies\n" : "" }
function each(name) { return copies > 1 ? name "[count.index]" : name }
function suffix() { return copies > 1 ? "-${count.index}" : "" }

function module(m,    i) {
  system("mkdir -p " out "/modules/service-" m)
  open("modules/service-" m "/variables.tf")
  write("variable \"name\" {\n  type        = string\n  description = \"prefix of everything in this module\"\n}\n\n")
  write("variable \"copies\" {\n  type    = number\n  default = 1\n}\n\n")
  write("variable \"encrypted\" {\n  type    = bool\n  default = " (m % 3 ? "true" : "false") "\n}\n\n")
  write("variable \"retention\" {\n  type    = number\n  default = " (m % 5 ? 14 : 0) "\n\n  validation {\n    condition     = var.retention >= 0\n    error_message = \"must not be negative\"\n  }\n}\n\n")
  write("variable \"subnets\" {\n  type = list(string)\n}\n\n")
  write("variable \"ports\" {\n  type = map(object({\n    port  = number\n    cidrs = optional(list(string), [\"10.0.0.0/8\"])\n  }))\n  default = {\n    https = { port = 443, cidrs = [\"0.0.0.0/0\"] }\n    admin = { port = 22 }\n  }\n}\n\n")
  write("variable \"tags\" {\n  type    = map(string)\n  default = {}\n}\n")

  open("modules/service-" m "/main.tf")
  write("locals {\n  prefix = \"${var.name}-" m "\"\n  tags = merge(var.tags, {\n    Service = local.prefix\n    Cost    = upper(substr(local.prefix, 0, 3))\n  })\n}\n\n")
  write("resource \"aws_kms_key\" \"this\" {\n  description             = \"key of ${local.prefix}\"\n  enable_key_rotation     = " (m % 4 ? "true" : "false") "\n  deletion_window_in_days = 30\n  tags                    = local.tags\n}\n\n")
  write("resource \"aws_s3_bucket\" \"data\" {\n" repeated() "  bucket = \"${local.prefix}-data" suffix() "\"\n  tags   = local.tags\n}\n\n")
  write("resource \"aws_s3_bucket_versioning\" \"data\" {\n" repeated() "  bucket = " each("aws_s3_bucket.data") ".id\n\n  versioning_configuration {\n    status = var.encrypted ? \"Enabled\" : \"Suspended\"\n  }\n}\n\n")
  write("resource \"aws_s3_bucket_public_access_block\" \"data\" {\n" repeated() "  bucket                  = " each("aws_s3_bucket.data") ".id\n  block_public_acls       = true\n  block_public_policy     = true\n  ignore_public_acls      = var.encrypted\n  restrict_public_buckets = true\n}\n\n")
  write("resource \"aws_security_group\" \"this\" {\n" repeated() "  name        = \"${local.prefix}" suffix() "\"\n  description = \"what may reach ${local.prefix}\"\n\n  dynamic \"ingress\" {\n    for_each = var.ports\n    content {\n      description = \"allow ${ingress.key}\"\n      from_port   = ingress.value.port\n      to_port     = ingress.value.port\n      protocol    = \"tcp\"\n      cidr_blocks = ingress.value.cidrs\n    }\n  }\n\n  egress {\n    from_port   = 0\n    to_port     = 0\n    protocol    = \"-1\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n\n  tags = local.tags\n}\n\n")
  write("resource \"aws_db_instance\" \"main\" {\n" repeated() "  identifier              = \"${local.prefix}-db" suffix() "\"\n  engine                  = \"postgres\"\n  engine_version          = \"16.3\"\n  instance_class          = \"db.t4g.medium\"\n  allocated_storage       = 100\n  storage_encrypted       = var.encrypted\n  kms_key_id              = var.encrypted ? aws_kms_key.this.arn : null\n  backup_retention_period = var.retention\n  multi_az                = " (m % 2 ? "true" : "false") "\n  publicly_accessible     = false\n  deletion_protection     = var.encrypted\n  vpc_security_group_ids  = [" each("aws_security_group.this") ".id]\n  skip_final_snapshot     = true\n  tags                    = local.tags\n}\n\n")
  write("resource \"aws_dynamodb_table\" \"state\" {\n" repeated() "  name         = \"${local.prefix}-state" suffix() "\"\n  billing_mode = \"PAY_PER_REQUEST\"\n  hash_key     = \"id\"\n\n  attribute {\n    name = \"id\"\n    type = \"S\"\n  }\n\n  point_in_time_recovery {\n    enabled = var.encrypted\n  }\n\n  tags = local.tags\n}\n\n")
  write("resource \"aws_ebs_volume\" \"disk\" {\n" repeated() "  availability_zone = \"eu-central-1a\"\n  size              = 40\n  encrypted         = var.encrypted\n  tags              = local.tags\n}\n\n")
  write("resource \"aws_cloudwatch_log_group\" \"logs\" {\n" repeated() "  name              = \"/service/${local.prefix}" suffix() "\"\n  retention_in_days = var.retention\n  kms_key_id        = aws_kms_key.this.arn\n  tags              = local.tags\n}\n\n")
  write("resource \"aws_efs_file_system\" \"files\" {\n" repeated() "  encrypted = var.encrypted\n  tags      = local.tags\n}\n\n")
  write("resource \"aws_lb\" \"front\" {\n" repeated() "  name               = \"${local.prefix}-lb" suffix() "\"\n  internal           = true\n  load_balancer_type = \"application\"\n  subnets            = var.subnets\n  security_groups    = [" each("aws_security_group.this") ".id]\n}\n\n")
  write("data \"aws_iam_policy_document\" \"access\" {\n  statement {\n    sid       = \"Read\"\n    actions   = [\"s3:GetObject\", \"s3:ListBucket\"]\n    resources = [" (copies > 1 ? "aws_s3_bucket.data[0]" : "aws_s3_bucket.data") ".arn]\n  }\n}\n\n")
  write("resource \"aws_iam_policy\" \"access\" {\n  name   = \"${local.prefix}-access\"\n  policy = data.aws_iam_policy_document.access.json\n}\n\n")
  write("resource \"aws_iam_role_policy\" \"inline\" {\n  name = \"${local.prefix}-inline\"\n  role = \"service\"\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [for action in [\"sqs:SendMessage\", \"sqs:ReceiveMessage\"] : {\n      Effect   = \"Allow\"\n      Action   = action\n      Resource = \"*\"\n    }]\n  })\n}\n")

  open("modules/service-" m "/outputs.tf")
  write("output \"database\" {\n  value = aws_db_instance.main[*].id\n}\n\noutput \"key\" {\n  value = aws_kms_key.this.arn\n}\n\noutput \"summary\" {\n  value = <<-EOT\n    %{ for name, rule in var.ports ~}\n    ${name}: ${rule.port}\n    %{ endfor ~}\n  EOT\n}\n")
}

BEGIN {
  for (m = 0; m < modules; ++m) module(m)
  for (r = 0; r < roots; ++r) {
    system("mkdir -p " out "/live/env-" r)
    open("live/env-" r "/main.tf")
    write("terraform {\n  required_version = \">= 1.5\"\n  required_providers {\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \"~> 5.0\"\n    }\n  }\n}\n\nprovider \"aws\" {\n  region = \"eu-central-1\"\n\n  default_tags {\n    tags = { Environment = \"env-" r "\" }\n  }\n}\n\nvariable \"subnets\" {\n  type    = list(string)\n  default = [\"subnet-1\", \"subnet-2\"]\n}\n\n")
    for (m = r; m < modules; m += roots)
      write("module \"service_" m "\" {\n  source  = \"../../modules/service-" m "\"\n  name    = \"env-" r "\"\n  copies  = " copies "\n  subnets = var.subnets\n  tags    = { Owner = \"team-" (m % 7) "\" }\n" (m % 6 ? "" : "  ports   = { ssh = { port = 22, cidrs = [\"0.0.0.0/0\"] } }\n") "}\n\n")
  }
  close(file)
}
