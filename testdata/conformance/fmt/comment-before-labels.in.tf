resource /* a */ "terraform_data" /* b */ "x" /* c */ { // d
  input /* e */ = 1 # f
}

variable /* a
b */ "v" {}

output o /* c */ { value = 1 }
