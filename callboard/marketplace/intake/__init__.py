"""Where listings come from: the kinds of extension catalogs, files of the plugin directory, and wheels."""
