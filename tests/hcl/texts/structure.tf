# Bodies: attributes, blocks, labels, comments of every kind, one-line blocks.
// a line
/* several
   lines */
terraform {
  required_version = ">= 1.5" # assay:skip all reason="none"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}

resource aws_instance "web" {}
resource "aws_instance" "quoted \"label\" \u00e9" { ami = "x" }
empty {
}
nested "a" b "c" {
  inner {
    deeper { value = [
      1,
      2, # with a comment
    ] }
    after = true
  }
  with-dash   = 1 /* here */
  naïve_ключ  = 2
  tabs	=	3
}
