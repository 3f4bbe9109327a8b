staff_password = "made-up-staff-password"
