import docs, { validateOptions } from "@docusaurus/plugin-content-docs";
import type { PluginOptions } from "@docusaurus/plugin-content-docs";
import type { LoadContext, Plugin, RouteConfig } from "@docusaurus/types";

/**
 * The docs plugin, for many pages: what a version's every page loads has no card (title, description) of each other page,
 * 17 kB that only the theme's generated indices and cards of a sidebar read.
 */
export default async function referenceDocs(
  context: LoadContext,
  options: PluginOptions,
): Promise<Plugin<Parameters<NonNullable<Awaited<ReturnType<typeof docs>>["contentLoaded"]>>[0]["content"]>> {
  const plugin = await docs(context, options);
  return {
    ...plugin,
    contentLoaded: async ({ content, actions }) =>
      plugin.contentLoaded?.({
        content,
        actions: { ...actions, addRoute: (route) => actions.addRoute(withoutCards(route)) },
      }),
  };
}

export { validateOptions };

function withoutCards(route: RouteConfig): RouteConfig {
  const { props, routes } = route;
  const version = props?.version as { readonly docs: unknown } | undefined;
  return {
    ...route,
    ...(version !== undefined && { props: { ...props, version: { ...version, docs: {} } } }),
    ...(routes !== undefined && { routes: routes.map(withoutCards) }),
  };
}
