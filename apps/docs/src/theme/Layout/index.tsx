import { useLocation } from "@docusaurus/router";
import Original from "@theme-original/Layout";
import type { Props } from "@theme/Layout";
import type { JSX } from "react";

/** The theme's layout, with a `main` for the search page, which has none of its own. */
export default function Layout({ children, ...props }: Props): JSX.Element {
  const search = useLocation().pathname.startsWith("/search");
  return <Original {...props}>{search ? <main>{children}</main> : children}</Original>;
}
