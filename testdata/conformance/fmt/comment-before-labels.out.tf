resource "terraform_data" "x" /* c */ { // d
  input /* e */ = 1                     # f
}

variable "v" {}

output "o" /* c */ { value = 1 }
