bucket_secret = "made-up-bucket-secret"
passwords = {
  shop      = "made-up-shop"
  blog      = "made-up-blog"
  blog_root = "made-up-blog-root"
  events    = "made-up-events"
  cache     = "made-up-cache"
}
